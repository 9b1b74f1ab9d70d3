using Alidade.Client;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Functions;

/// <summary>A function of a file as a one-step entrypoint: what <c>alidade run</c> makes of it.</summary>
/// <param name="Filename">Name of the plugin file, a Python module.</param>
/// <param name="Contents">The file, as it is.</param>
/// <param name="Parameters">The function's parameters that can be set, in order.</param>
/// <param name="HasOutput">The function returns something.</param>
internal sealed record FunctionEntrypoint(
    string Filename,
    string Contents,
    string Function,
    IReadOnlyList<FunctionParameter> Parameters,
    bool HasOutput
)
{
    private string Module => Path.GetFileNameWithoutExtension(Filename);

    /// <summary>Apart from plugins a person wrote: a file <c>digits.py</c> never touches a plugin <c>digits</c>.</summary>
    public string PluginName => $"run_{Module}";

    public string Name => $"{Module}.{Function}";

    /// <summary>One step, named like the function, that takes each parameter by its name.</summary>
    public string TaskGraph => YamlWriter.Write(Map((StepName, Step)));

    /// <summary>A step must not share its name with a parameter.</summary>
    private string StepName
    {
        get
        {
            var name = Function;
            while (Parameters.Any(parameter => parameter.Name == name))
            {
                name = $"run_{name}";
            }

            return name;
        }
    }

    /// <summary>In the long form where the short one would say something else.</summary>
    private MapValue Step =>
        Function is "task" or "dependencies"
            ? Map(("task", Value.Of(Function)), ("kwargs", Arguments))
            : Map((Function, Parameters.Count == 0 ? new ListValue([]) : Arguments));

    private MapValue Arguments => Map([.. Parameters.Select(p => (p.Name, Value.Of($"${p.Name}")))]);

    public IReadOnlyList<EntrypointParameter> EntrypointParameters =>
        [.. Parameters.Select(parameter => new EntrypointParameter(parameter.Name, parameter.Kind, parameter.Default))];

    private static MapValue Map(params (string Key, Value Value)[] entries) =>
        new([.. entries.Select(entry => KeyValuePair.Create(Value.Of(entry.Key), entry.Value))]);
}

/// <param name="Type">The plugin parameter type: one of the built-ins.</param>
/// <param name="Kind">The entrypoint parameter type: string, float, integer, boolean, list or mapping.</param>
/// <param name="Default">As text; null when there is none that a text can say.</param>
/// <param name="IsOwn">It has a default that only Python can say: left to the function unless a value is given.</param>
internal sealed record FunctionParameter(string Name, string Type, string Kind, string? Default, bool IsOwn);
