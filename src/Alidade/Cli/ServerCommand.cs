using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Cli;

/// <summary>A command whose subcommands ask a server something.</summary>
internal abstract class ServerCommand : Command
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    protected ServerCommand(string name, string description)
        : base(name, description)
    {
        _server.Recursive = true;
        Options.Add(_server);
    }

    /// <summary>Gives a subcommand its work.</summary>
    protected void Act(Command command, Func<AlidadeClient, ParseResult, CancellationToken, Task> work) =>
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                await work(client, parsed, cancellation);
                return 0;
            }
        );

    /// <summary>The same where the work decides what the program exits with.</summary>
    protected void Act(Command command, Func<AlidadeClient, ParseResult, CancellationToken, Task<int>> work) =>
        command.SetAction(
            (parsed, cancellation) =>
            {
                var server = parsed.GetRequiredValue(_server);
                return ClientCommand.RunAsync(
                    server,
                    async () =>
                    {
                        using var client = ClientCommand.Connect(server);
                        return await work(client, parsed, cancellation);
                    }
                );
            }
        );

    /// <summary>Prints a row for each item.</summary>
    protected static void Show<T>(IEnumerable<T> items, params (string Name, Func<T, string?> Of)[] columns)
    {
        var table = new Table().Border(TableBorder.None).AddColumns([.. columns.Select(column => column.Name)]);
        foreach (var item in items)
        {
            table.AddRow([.. columns.Select(column => (column.Of(item) ?? "").EscapeMarkup())]);
        }

        Consoles.Out.Write(table);
    }

    protected static Option<bool> JsonOption() => new("--json") { Description = "As JSON, for programs" };

    /// <summary>Prints what a program reads: names as the API has them, numbers as they are.</summary>
    protected static void ShowJson(object value) => Consoles.Out.WriteLine(JsonSerializer.Serialize(value, Readable));

    protected static string Day(DateTimeOffset? time) =>
        time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";
}
