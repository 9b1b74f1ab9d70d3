using Alidade.Server.Configuration;
using Alidade.Server.Hosting;
using Alidade.Storage.Platform;
using Alidade.Testing;

namespace Alidade.Server.Tests.Hosting;

/// <summary>A folder is used with the database that knows its files, and with no other.</summary>
public sealed class StoreFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_of_a_PostgreSQL_server_are_no_others()
    {
        var (own, other) = (await PostgresServer.NewDatabaseAsync(), await PostgresServer.NewDatabaseAsync());
        await StartAsync(own);
        var blob = WriteBlob();

        await RefusedAsync("its core.db is gone, or it belongs to a PostgreSQL database", null);
        await RefusedAsync("belongs to another database", other);
        File.Delete(Path.Combine(Data, "store"));
        await RefusedAsync("there are files in it, and no database", null);
        await RefusedAsync("there are files in it, and this database is new", other);
        Assert.True(File.Exists(blob));
        Assert.False(File.Exists(Path.Combine(Data, "core.db")));
    }

    [Fact]
    public async Task A_database_that_lacks_a_file_or_is_damaged_is_not_made_anew()
    {
        await StartAsync(null);
        await StartAsync(null);
        await RefusedAsync("a database of its own", await PostgresServer.NewDatabaseAsync());
        var series = Path.Combine(Data, "series.db");
        File.Move(series, series + ".away");
        await RefusedAsync("its series.db is gone", null);
        Assert.False(File.Exists(series));

        File.Move(series + ".away", series);
        await File.WriteAllBytesAsync(
            series,
            new byte[8192]
                .Select((_, i) => (byte)(i * 7))
                .ToArray(),
            Cancellation
        );
        await RefusedAsync("series.db cannot be used", null);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => _folder.Sub("data");

    private async Task RefusedAsync(string why, string? postgres)
    {
        var refused = await Assert.ThrowsAsync<DataFolderException>(() => StartAsync(postgres));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private string WriteBlob()
    {
        var path = Path.Combine(Data, "blobs", "ab", "blob");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "content");
        return path;
    }

    private async Task StartAsync(string? postgres)
    {
        var options = new ServerOptions
        {
            Data = Data,
            Workers = 0,
            Http = new HttpOptions { Port = 0 },
            Store = new StoreOptions { Postgres = postgres },
        };
        using var folder = DataFolder.Open(Data);
        await using var app = ServerHost.Build(options, folder);
        await app.StartAsync(Cancellation);
        await app.StopAsync(Cancellation);
    }
}
