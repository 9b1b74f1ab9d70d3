using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Brings plugins, types and entrypoints from a folder, an archive or a git repository to a server.</summary>
internal sealed class ImportCommand : Command
{
    private readonly Argument<string> _source = new("SOURCE")
    {
        Description = "A folder, a .tar, .tar.gz or .zip file, or a git URL: URL[;folder,folder][#branch]",
    };
    private readonly Option<string> _config = new("--config")
    {
        Description = "Path of the manifest in the source",
        DefaultValueFactory = _ => "dioptra.toml",
    };
    private readonly Option<OnConflict> _onConflict = new("--on-conflict")
    {
        Description = "What to do about names that are there already",
        HelpName = "fail|update|overwrite",
        DefaultValueFactory = _ => OnConflict.Fail,
    };
    private readonly Option<string> _group = new("--group")
    {
        Description = "The group that gets the resources",
        DefaultValueFactory = _ => "public",
    };
    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    public ImportCommand()
        : base("import", "Import plugins, types and entrypoints that a dioptra.toml describes")
    {
        Arguments.Add(_source);
        foreach (var option in new Option[] { _config, _onConflict, _group, _server })
        {
            Options.Add(option);
        }

        SetAction(
            (parsed, cancellation) =>
            {
                var server = parsed.GetRequiredValue(_server);
                return ClientCommand.RunAsync(server, () => RunAsync(server, parsed, cancellation));
            }
        );
    }

    private async Task<int> RunAsync(Uri server, ParseResult parsed, CancellationToken cancellation)
    {
        var text = parsed.GetRequiredValue(_source);
        using var archive = File.Exists(text) ? File.OpenRead(text) : null;
        var source = archive is not null ? ImportSource.Archive(archive) : SourceOf(text);
        using var client = ClientCommand.Connect(server);
        var import = await client.Workflows.ImportAsync(
            source,
            await GroupAsync(client, parsed.GetRequiredValue(_group), cancellation),
            parsed.GetValue(_onConflict),
            parsed.GetRequiredValue(_config),
            cancellation
        );
        Print("type", import.Resources.PluginParamTypes);
        Print("plugin", import.Resources.Plugins);
        Print("entrypoint", import.Resources.Entrypoints);
        foreach (var warning in import.Warnings ?? [])
        {
            Consoles.Error.MarkupLineInterpolated($"[yellow]warning:[/] {warning}");
        }

        Consoles.Error.MarkupLineInterpolated($"[grey]imported {import.Hash}[/]");
        return 0;
    }

    private static ImportSource SourceOf(string text)
    {
        if (Directory.Exists(text))
        {
            return ImportSource.Files(ResourceFolder.Read(new DirectoryInfo(text)));
        }

        return text.Contains("://", StringComparison.Ordinal) || text.Contains('@')
            ? ImportSource.Git(text)
            : throw new CommandException($"{text} is neither a folder nor a file here, nor a git URL.");
    }

    private static async Task<long> GroupAsync(AlidadeClient client, string name, CancellationToken cancellation)
    {
        var user = await client.Users.CurrentAsync(cancellation);
        return user.Groups.FirstOrDefault(group => group.Name == name)?.Id
            ?? throw new CommandException(
                $"You are in no group {name}, but in {string.Join(", ", user.Groups.Select(group => group.Name))}."
            );
    }

    private static void Print(string kind, IReadOnlyDictionary<string, long> ids)
    {
        foreach (var (name, id) in ids)
        {
            Consoles.Out.MarkupLineInterpolated($"{kind} {id} [bold]{name}[/]");
        }
    }
}
