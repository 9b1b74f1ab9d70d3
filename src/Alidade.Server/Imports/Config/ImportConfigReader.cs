using System.Text.Json;
using Alidade.Engine.Toml;
using Alidade.Engine.Types;
using Alidade.Engine.Values;
using Alidade.Server.ParameterTypes;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Imports.Config;

/// <summary>Reads a manifest and refuses it with every mistake at once.</summary>
internal sealed class ImportConfigReader
{
    private static readonly RuleAttribute Identifier = new IdentifierAttribute();
    private static readonly RuleAttribute TaskName = new TaskNameAttribute();
    private static readonly RuleAttribute PythonPath = new PythonPathAttribute();
    private static readonly RuleAttribute Name = new NameAttribute();
    private static readonly RuleAttribute ParameterType = new OneOfAttribute(
        "string",
        "float",
        "integer",
        "boolean",
        "list",
        "mapping"
    );

    private readonly HashSet<string> _types = new(BuiltInTypes.Names, StringComparer.Ordinal);
    private readonly HashSet<string> _plugins = new(StringComparer.Ordinal);

    private ImportConfigReader() { }

    /// <param name="document">The name of the file, for the reasons.</param>
    /// <exception cref="Platform.Errors.RefusedException">It is not TOML, or not as it should be.</exception>
    public static ImportConfig Read(string toml, string document)
    {
        try
        {
            var problems = new ConfigProblems();
            var root = new TableReader(TomlReader.Read(toml, document), "", problems);
            var config = new ImportConfigReader().Config(root);
            problems.ThrowIfAny(document);
            return config;
        }
        catch (TomlException e)
        {
            throw ImportFailure.Because($"{document} is not TOML: {e.Message}.");
        }
    }

    /// <summary>Other tables at the top are left alone: a manifest may share its file.</summary>
    private ImportConfig Config(TableReader root)
    {
        var types = root.Tables("plugin_param_types", Type);
        _types.UnionWith(types.Select(type => type.Name));
        root.Tables("plugin_param_types", Structure);
        var plugins = root.Tables("plugins", Plugin);
        var entrypoints = root.Tables("entrypoints", Entrypoint);
        root.RequireDistinct("plugin_param_types", "name");
        root.RequireDistinct("plugins", "path");
        root.RequireDistinct("entrypoints", "name");
        return new ImportConfig(types, plugins, entrypoints);
    }

    private static ConfigType Type(TableReader table)
    {
        table.AllowOnly("name", "description", "structure");
        return new ConfigType(
            table.Text("name", Name),
            table.OptionalText("description"),
            table.Inner("structure") is { } structure ? Json(structure.Table.ToValue()) : null
        );
    }

    /// <summary>Looked at when the names of all types are known, since one may be built from a later one.</summary>
    private bool Structure(TableReader table)
    {
        var problem = table.Inner("structure") is { } structure
            ? TypeStructure.Problem(ValueJson.ToText(structure.Table.ToValue()), _types)
            : null;
        if (problem is not null)
        {
            table.Problem("structure", problem);
        }

        return problem is null;
    }

    private ConfigPlugin Plugin(TableReader table)
    {
        table.AllowOnly("path", "description", "tasks");
        var path = table.Text("path");
        var name = System.IO.Path.GetFileNameWithoutExtension(path.TrimEnd('/'));
        if (path.Length > 0 && Identifier.Check(name) is { } broken)
        {
            table.Problem("path", broken);
        }

        if (!_plugins.Add(name) && path.Length > 0)
        {
            table.Problem("path", $"duplicate plugin name \"{name}\"");
        }

        var tasks = table.Inner("tasks");
        tasks?.RequireDistinct("functions", "name");
        tasks?.RequireDistinct("artifacts", "name");
        return new ConfigPlugin(
            path,
            name,
            table.OptionalText("description"),
            tasks?.Tables("functions", Function) ?? [],
            tasks?.Tables("artifacts", ArtifactTask) ?? []
        );
    }

    private ConfigFunction Function(TableReader table)
    {
        table.AllowOnly("filename", "name", "input_params", "output_params");
        table.RequireDistinct("input_params", "name");
        return new ConfigFunction(
            table.Text("filename", PythonPath),
            table.Text("name", TaskName),
            table.Tables("input_params", Input, isRequired: true),
            Outputs(table)
        );
    }

    private ConfigArtifactTask ArtifactTask(TableReader table)
    {
        table.AllowOnly("filename", "name", "output_params");
        return new ConfigArtifactTask(table.Text("filename", PythonPath), table.Text("name", TaskName), Outputs(table));
    }

    private ConfigInput Input(TableReader table)
    {
        table.AllowOnly("name", "type", "required");
        return new ConfigInput(table.Text("name", Identifier), KnownType(table), table.Flag("required", false));
    }

    private IReadOnlyList<ConfigOutput> Outputs(TableReader table)
    {
        table.RequireDistinct("output_params", "name");
        return table.Tables("output_params", Output, isRequired: true);
    }

    private ConfigOutput Output(TableReader table)
    {
        table.AllowOnly("name", "type");
        return new ConfigOutput(table.Text("name", Identifier), KnownType(table));
    }

    private ConfigEntrypoint Entrypoint(TableReader table)
    {
        table.AllowOnly("path", "name", "description", "params", "plugins", "artifact_params", "artifact_plugins");
        table.RequireDistinct("params", "name");
        table.RequireDistinct("artifact_params", "name");
        return new ConfigEntrypoint(
            table.Text("path"),
            table.Text("name", Name),
            table.OptionalText("description"),
            table.Tables("params", Parameter),
            KnownPlugins(table, "plugins"),
            table.Tables("artifact_params", ArtifactParameter),
            KnownPlugins(table, "artifact_plugins")
        );
    }

    private static ConfigParameter Parameter(TableReader table)
    {
        table.AllowOnly("name", "type", "default_value");
        return new ConfigParameter(
            table.Text("name", Name),
            table.Text("type", ParameterType),
            table.ScalarText("default_value")
        );
    }

    private ConfigArtifactParameter ArtifactParameter(TableReader table)
    {
        table.AllowOnly("name", "output_params");
        return new ConfigArtifactParameter(table.Text("name", Name), Outputs(table));
    }

    private string KnownType(TableReader table)
    {
        var type = table.Text("type");
        if (type.Length > 0 && !_types.Contains(type))
        {
            table.Problem("type", $"there is no type \"{type}\"; declare it in [[plugin_param_types]]");
        }

        return type;
    }

    private IReadOnlyList<string> KnownPlugins(TableReader table, string key)
    {
        var names = table.Texts(key);
        foreach (var name in names.Where(name => !_plugins.Contains(name)))
        {
            table.Problem(key, $"there is no plugin \"{name}\"; declare it in [[plugins]]");
        }

        return [.. names.Distinct()];
    }

    private static JsonElement Json(Value value)
    {
        using var document = JsonDocument.Parse(ValueJson.ToText(value));
        return document.RootElement.Clone();
    }
}
