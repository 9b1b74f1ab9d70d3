using System.CommandLine;
using Alidade.Cli;
using Alidade.Tracking;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Sends what was tracked while the server was away.</summary>
internal sealed class TrackSyncCommand : Command
{
    private readonly Option<string> _spool = TrackCommand.SpoolOption();
    private readonly Option<Uri?> _server = new("--server")
    {
        Description = "Send to this server instead of the one each run was meant for",
        HelpName = "URL",
        CustomParser = ClientCommand.AddressOf,
    };

    public TrackSyncCommand()
        : base("sync", "Send what was tracked without a server, each run once")
    {
        Options.Add(_spool);
        Options.Add(_server);
        SetAction(
            (parsed, cancellation) => SyncAsync(parsed.GetRequiredValue(_spool), parsed.GetValue(_server), cancellation)
        );
    }

    private static async Task<int> SyncAsync(string home, Uri? server, CancellationToken cancellation)
    {
        var (sent, kept) = (0, 0);
        foreach (var spool in Spool.Open(home))
        {
            using (spool)
            {
                var isSent = await SendAsync(spool, server, cancellation);
                (sent, kept) = isSent ? (sent + 1, kept) : (sent, kept + 1);
            }
        }

        Consoles.Out.WriteLine($"{sent} {(sent == 1 ? "run" : "runs")} sent, {kept} still in {home}");
        return kept == 0 ? 0 : 1;
    }

    private static async Task<bool> SendAsync(Spool spool, Uri? server, CancellationToken cancellation)
    {
        if (spool.Run() is not { } record)
        {
            Consoles.Error.WriteLine($"{spool.Folder}: nothing is known of this run; delete the folder.");
            return false;
        }

        if (spool.End() is null)
        {
            // Nobody holds the folder, so whoever tracked the command was killed with its end unseen.
            spool.Save(Tracker.Unseen(record, TimeProvider.System));
        }

        var to = server ?? record.Server;
        var isSent =
            await ClientCommand.RunAsync(
                to,
                async () =>
                {
                    using var client = ClientCommand.Connect(to);
                    var sender = new RunSender(client, spool, record, TimeProvider.System);
                    var run = await sender.BeginAsync(cancellation);
                    await sender.SendAsync(cancellation);
                    Consoles.Out.WriteLine($"{run.Name} {new Uri(to, run.Page)}");
                    return 0;
                }
            ) == 0;
        if (!isSent)
        {
            Consoles.Error.WriteLine($"{spool.Folder} is kept; to give it up, delete the folder.");
        }

        return isSent;
    }
}
