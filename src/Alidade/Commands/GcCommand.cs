using System.CommandLine;
using Alidade.Cli;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Sweeps a server's trash now instead of within the hour.</summary>
internal sealed class GcCommand : Command
{
    public GcCommand()
        : base("gc", "Purge what is due, and give back the bytes that nothing refers to (for admins)")
    {
        var server = ClientCommand.ServerOption();
        var grace = new Option<long?>("--grace")
        {
            Description = "Keep blobs that were put within so many hours (default: the server's)",
            HelpName = "HOURS",
        };
        Options.Add(server);
        Options.Add(grace);
        SetAction(
            (parsed, cancellation) =>
            {
                var to = parsed.GetRequiredValue(server);
                return ClientCommand.RunAsync(
                    to,
                    async () =>
                    {
                        using var client = ClientCommand.Connect(to);
                        var swept = await client.Trash.SweepAsync(parsed.GetValue(grace), cancellation);
                        Consoles.Out.WriteLine(
                            $"purged {swept.Runs} runs and {swept.Resources} other things; "
                                + $"{swept.Blobs} blobs and {swept.Uploads} uploads gone, {swept.Bytes} bytes given back"
                        );
                        return 0;
                    }
                );
            }
        );
    }
}
