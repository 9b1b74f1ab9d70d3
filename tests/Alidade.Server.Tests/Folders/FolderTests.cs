using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Configuration;
using Alidade.Server.Tests.Hosting;
using Alidade.Testing;
using Npgsql;

namespace Alidade.Server.Tests.Folders;

/// <summary>What earlier versions wrote is opened by this one, and everything is still there.</summary>
public sealed class FolderTests
{
    private static readonly string Folders = Path.Combine(AppContext.BaseDirectory, "Folders");

    public static IEnumerable<TheoryDataRow<string>> Kept() =>
        Directory
            .GetFiles(Folders, "*.tar.gz", SearchOption.AllDirectories)
            .Select(f => new TheoryDataRow<string>(Path.GetRelativePath(Folders, f)));

    [Theory, MemberData(nameof(Kept))]
    public async Task A_data_folder_of_an_earlier_version_holds_what_it_held(string archive)
    {
        using var folder = new TemporaryFolder();
        await UnpackAsync(Path.Combine(Folders, archive), folder.Path);
        var postgres = await DatabaseAsync(folder.Sub("database.sql"));
        await using var server = await TestServer.StartAsync(change: options =>
            options with
            {
                Data = folder.Sub("data"),
                Store = new StoreOptions { Postgres = postgres },
            }
        );
        using var client = server.NewClient();
        var keeper = new { username = "keeper", password = "correct horse keeper" };
        await client.PostJsonAsync("/api/v1/auth/login", keeper);

        var different = new List<string>();
        foreach (var path in await File.ReadAllLinesAsync(folder.Sub("answers/paths.txt")))
        {
            var recorded = await File.ReadAllTextAsync(folder.Sub("answers/" + path[1..].Replace('/', '_')));
            using var answer = await client.GetAsync("/api/v1" + path);
            var now = await answer.Content.ReadAsStringAsync();
            different.AddRange(Differences(JsonNode.Parse(recorded), JsonNode.Parse(now), path));
        }

        Assert.Empty(different);
        await client.PostJsonAsync("/api/v1/queues", new { name = "later", group = 1 }, HttpStatusCode.OK);
    }

    private static async Task UnpackAsync(string archive, string folder)
    {
        await using var file = File.OpenRead(archive);
        await using var zip = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(zip, folder, overwriteFiles: false);
    }

    /// <summary>A database with what was dumped, or null where the folder holds everything.</summary>
    private static async Task<string?> DatabaseAsync(string dump)
    {
        if (!File.Exists(dump))
        {
            return null;
        }

        var database = await PostgresServer.NewDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(await File.ReadAllTextAsync(dump));
        await command.ExecuteNonQueryAsync();
        return database;
    }

    /// <summary>An object may have more members than it had, but none less; everything else is as it was.</summary>
    private static IEnumerable<string> Differences(JsonNode? was, JsonNode? now, string path) =>
        (was, now) switch
        {
            (JsonObject a, JsonObject b) => a.Where(m => m.Key != "lastLoginOn")
                .SelectMany(m => Differences(m.Value, b[m.Key], $"{path}: {m.Key}")),
            (JsonArray a, JsonArray b) when a.Count == b.Count => a.Zip(b)
                .SelectMany((pair, i) => Differences(pair.First, pair.Second, $"{path}: {i}")),
            _ => JsonNode.DeepEquals(was, now) ? [] : [$"{path}: was {was ?? "null"}, is {now ?? "null"}"],
        };
}
