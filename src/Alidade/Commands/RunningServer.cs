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

    private RunningServer(DataFolder folder, WebApplication app, Uri address)
    {
        _folder = folder;
        _app = app;
        Address = address;
    }

    public Uri Address { get; }

    public string Data => _folder.Path;

    /// <summary>Creates the first account; null when one exists.</summary>
    public string? WelcomeLink { get; private set; }

    /// <summary>Where the link is kept for who starts the server without seeing its output.</summary>
    public string WelcomeFile => Path.Combine(Data, "welcome-link");

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningServer> StartAsync(ServerOptions options, CancellationToken cancellation)
    {
        var folder = DataFolder.Open(options.Data);
        try
        {
            var app = ServerHost.Build(options, folder);
            await app.StartAsync(cancellation);
            var server = new RunningServer(folder, app, ServerHost.AddressOf(app));
            await server.OfferWelcomeAsync(cancellation);
            return server;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the server is asked to stop.</summary>
    public Task StoppedAsync(CancellationToken cancellation) => _app.WaitForShutdownAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private async Task OfferWelcomeAsync(CancellationToken cancellation)
    {
        if (await Services.GetRequiredService<UserService>().AnyAsync(cancellation))
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
