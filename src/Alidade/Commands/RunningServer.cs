using System.Net;
using System.Net.Sockets;
using Alidade.Server.Configuration;
using Alidade.Server.Hosting;
using Alidade.Server.Users;
using Alidade.Storage.Platform;

namespace Alidade.Commands;

/// <summary>A started server with its data folder held; disposing it stops everything in order.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _drain;
    private Task _worker = Task.CompletedTask;

    private RunningServer(DataFolder folder, WebApplication app, Uri address)
    {
        _folder = folder;
        _app = app;
        _drain = CancellationTokenSource.CreateLinkedTokenSource(app.Lifetime.ApplicationStopping);
        Address = address;
    }

    public Uri Address { get; }

    public string Data => _folder.Path;

    /// <summary>Creates the first account; null when one exists.</summary>
    public string? WelcomeLink { get; private set; }

    /// <summary>Where the link is kept for who starts the server without seeing its output.</summary>
    public string WelcomeFile => Path.Combine(Data, "welcome-link");

    public IServiceProvider Services => _app.Services;

    /// <param name="leave">Do not wait for running jobs at the end: the next start follows them.</param>
    public static async Task<RunningServer> StartAsync(
        ServerOptions options,
        CancellationToken cancellation,
        CancellationToken leave = default
    )
    {
        var folder = DataFolder.Open(options.Data);
        try
        {
            RequireFree(options.Http);
            var app = ServerHost.Build(options, folder);
            await app.StartAsync(cancellation);
            var server = new RunningServer(folder, app, ServerHost.AddressOf(app));
            await server.OfferWelcomeAsync(cancellation);
            if (options.Workers > 0)
            {
                server._worker = InsideWorker.RunAsync(server, options, server._drain.Token, leave);
            }

            return server;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the server is asked to stop, or has to; it goes on serving until it is disposed.</summary>
    public async Task StoppedAsync(CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _drain.Token);
        await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        // The worker drains while the server still takes its reports; only then the server stops.
        await _drain.CancelAsync();
        await _worker;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
        _drain.Dispose();
    }

    private async Task OfferWelcomeAsync(CancellationToken cancellation)
    {
        if (await Services.GetRequiredService<UserService>().AnyAdminAsync(cancellation))
        {
            File.Delete(WelcomeFile);
            return;
        }

        var code = await Services.GetRequiredService<WelcomeService>().IssueAsync(userId: null, cancellation);
        WelcomeLink = new Uri(Address, $"/welcome?code={code}").ToString();
        await using var file = new FileStream(WelcomeFile, OwnerOnly());
        await using var writer = new StreamWriter(file);
        await writer.WriteLineAsync(WelcomeLink);
    }

    /// <summary>Asks for the port before the host does, which would log its surprise at length.</summary>
    private static void RequireFree(HttpOptions http)
    {
        using var probe = new TcpListener(
            http.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(http.Host),
            http.Port
        );
        probe.Start();
    }

    private static FileStreamOptions OwnerOnly()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
