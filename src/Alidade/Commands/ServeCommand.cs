using System.CommandLine;
using Alidade.Server.Configuration;

namespace Alidade.Commands;

/// <summary>Runs the server, by default with a worker inside.</summary>
internal sealed class ServeCommand : Command, IHandlesSignals
{
    public ServeCommand()
        : base("serve", "Run the server, by default with a worker inside")
    {
        var flags = new ServerFlags();
        flags.AddTo(this);
        SetAction((parsed, _) => Sentences.OrErrorAsync(() => RunAsync(flags.Read(parsed))));
    }

    private static async Task RunAsync(ServerOptions options)
    {
        using var signals = new StopSignals();
        await using var server = await RunningServer.StartAsync(options, signals.Drain, signals.Leave);
        Console.WriteLine($"Alidade ready: {server.Address.GetLeftPart(UriPartial.Authority)} data={server.Data}");
        if (server.WelcomeLink is { } link)
        {
            Console.WriteLine($"Open {link} to create the first account (works once, also from {server.WelcomeFile}).");
        }

        await server.StoppedAsync(signals.Drain);
    }
}
