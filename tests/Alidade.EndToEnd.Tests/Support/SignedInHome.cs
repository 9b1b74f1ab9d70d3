namespace Alidade.EndToEnd.Tests.Support;

/// <summary>A server with its worker, and a home folder from which <c>alidade login</c> has signed in to it.</summary>
public sealed class SignedInHome : IAsyncLifetime
{
    private LiveServer? _server;

    internal TempFolder Folder { get; } = new();

    internal LiveServer Server => _server!;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await LiveServer.StartAsync(Folder.In("data"), Limit);
        await _server.SignInAsync(Folder.Path, Limit);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Folder.Dispose();
    }
}
