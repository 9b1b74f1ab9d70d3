using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Alidade.Demo;
using Alidade.Server.Configuration;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>A server with a real robustness experiment in it, from nothing to the table.</summary>
internal sealed class DemoCommand : Command, IHandlesSignals
{
    private readonly Option<int> _port = new("--port")
    {
        Description = "Port to listen on, 0 for a free one (default 8420)",
        DefaultValueFactory = _ => 8420,
    };
    private readonly Option<DirectoryInfo> _data = new("--data")
    {
        Description = "Folder for everything the server keeps",
        DefaultValueFactory = _ => new DirectoryInfo(DefaultFolder()),
    };
    private readonly Option<bool> _exit = new("--exit")
    {
        Description = "End when the table is printed instead of serving on",
    };

    public DemoCommand()
        : base("demo", "Train, attack and defend a digit classifier on a server of its own")
    {
        Options.Add(_port);
        Options.Add(_data);
        Options.Add(_exit);
        SetAction(
            (parsed, _) =>
                ClientCommand.RunAsync(
                    new Uri(ClientCommand.DefaultServer),
                    () =>
                        RunAsync(
                            parsed.GetValue(_port),
                            parsed.GetRequiredValue(_data).FullName,
                            parsed.GetValue(_exit)
                        )
                )
        );
    }

    private static async Task<int> RunAsync(int port, string folder, bool exit)
    {
        var console = Consoles.Out;
        var options = new ServerOptions
        {
            Data = folder,
            Http = new HttpOptions { Port = port },
        };
        using var signals = new StopSignals();
        await using var server = await StartAsync(options, signals);
        console.WriteLine($"Serving at {ClientCommand.Shown(server.Address)}, data in {folder}");
        using var client = new AlidadeClient(server.Address);
        try
        {
            var user = await DemoAccount.SignInAsync(client, folder, signals.Drain);
            var isComplete = await new DigitsDemo(client, user.Groups[0].Id, console).RunAsync(folder, signals.Drain);
            if (!exit)
            {
                var welcome = await client.Users.WelcomeAsync(signals.Drain);
                console.WriteLine();
                console.WriteLine($"Open {welcome} (signs you in as demo, once)");
                console.WriteLine("Ctrl-C ends the server.");
                await server.StoppedAsync(signals.Drain);
            }

            return isComplete ? 0 : 1;
        }
        catch (OperationCanceledException) when (signals.Drain.IsCancellationRequested)
        {
            return 130;
        }
    }

    private static async Task<RunningServer> StartAsync(ServerOptions options, StopSignals signals)
    {
        try
        {
            return await RunningServer.StartAsync(options, signals.Drain, signals.Leave);
        }
        catch (Exception problem) when (Sentences.Of(problem) is { } sentence)
        {
            throw new CommandException(sentence);
        }
    }

    /// <summary>Apart from the folder of a real server: the demo has its own account.</summary>
    private static string DefaultFolder()
    {
        var home = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        var share = string.IsNullOrEmpty(home)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share")
            : home;
        return Path.Combine(share, "alidade-demo");
    }
}
