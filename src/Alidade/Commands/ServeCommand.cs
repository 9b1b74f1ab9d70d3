using System.CommandLine;
using System.Net.Sockets;
using Alidade.Server.Configuration;
using Alidade.Storage.Platform;

namespace Alidade.Commands;

/// <summary>Runs the server, by default with a worker inside.</summary>
internal sealed class ServeCommand : Command, IHandlesSignals
{
    public ServeCommand()
        : base("serve", "Run the server, by default with a worker inside")
    {
        var flags = new ServerFlags();
        flags.AddTo(this);
        SetAction(
            async (parsed, _) =>
            {
                try
                {
                    return await RunAsync(flags.Read(parsed));
                }
                catch (Exception e) when (Explain(e) is { } sentence)
                {
                    await Console.Error.WriteLineAsync(sentence);
                    return 2;
                }
            }
        );
    }

    private static async Task<int> RunAsync(ServerOptions options)
    {
        using var signals = new StopSignals();
        await using var server = await RunningServer.StartAsync(options, signals.Drain, signals.Leave);
        Console.WriteLine($"Alidade ready: {server.Address.GetLeftPart(UriPartial.Authority)} data={server.Data}");
        if (server.WelcomeLink is { } link)
        {
            Console.WriteLine($"Open {link} to create the first account (works once, also from {server.WelcomeFile}).");
        }

        await server.StoppedAsync(signals.Drain);
        return 0;
    }

    /// <summary>What a person can act on; null for a fault of the program.</summary>
    internal static string? Explain(Exception error) =>
        error switch
        {
            OptionsException or DataFolderException => error.Message,
            SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
                "Another program uses this port. Stop it, or choose another with --port (0 takes a free one).",
            SocketException e => $"The address cannot be used: {e.Message}. Choose another with --host or --port.",
            InvalidOperationException e when e.Message.StartsWith("This data was written", StringComparison.Ordinal) =>
                e.Message,
            _ => null,
        };
}
