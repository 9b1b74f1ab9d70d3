using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.Plugins;

/// <summary>Plugins as archives, and what snapshots say of them.</summary>
public sealed class BundleTests : IAsyncLifetime
{
    private const string Longest =
        "a_folder_with_a_long_name_so_that_the_path_is_longer_than_old_archives_can_hold/main_with_a_long_name_too.py";

    private TestServer _server = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _client = await _server.SignInAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("", "application/gzip", "plugins_bundle.tar.gz")]
    [InlineData("?fileType=tar_gz", "application/gzip", "plugins_bundle.tar.gz")]
    [InlineData("?fileType=zip", "application/zip", "plugins_bundle.zip")]
    public async Task A_plugin_comes_as_it_was_at_its_snapshot_with_a_manifest_that_is_true(
        string query,
        string type,
        string name
    )
    {
        var plugin = (await _client.PostJsonAsync("/api/v1/plugins", new { name = "hello", group = 1 })).Id();
        await AddFileAsync(plugin, "main.py", "print('é')\n");
        var file = await AddFileAsync(plugin, Longest, "");
        var snapshot = (await _client.GetJsonAsync($"/api/v1/plugins/{plugin}"))["snapshot"]!.GetValue<long>();
        await AddFileAsync(plugin, "later.py", "pass");
        var path = $"/api/v1/plugins/{plugin}/snapshots/{snapshot}/files/bundle{query}";

        var (bytes, headers) = await DownloadAsync(path);
        var files = await UnpackAsync(bytes, type);
        var again = await DownloadAsync(path);

        Assert.Equal(type, headers.ContentType!.MediaType);
        Assert.Equal(name, headers.ContentDisposition!.FileName);
        Assert.Equal("attachment", headers.ContentDisposition.DispositionType);
        Assert.Equal(["hello/" + Longest, "hello/main.py", "manifest.json"], files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("print('é')\n", Encoding.UTF8.GetString(files["hello/main.py"]));
        Assert.Equal(bytes, again.Bytes);
        var told = JsonNode.Parse(files["manifest.json"])!["plugins"]!.AsArray();
        var bundled = Assert.Single(told)!;
        Assert.Equal((plugin, snapshot), (bundled.Id(), bundled["snapshot"]!.GetValue<long>()));
        Assert.Equal(file, bundled["files"]![0]!.Id());
        Assert.All(
            bundled["files"]!.AsArray(),
            entry =>
            {
                var content = files[entry!["path"]!.GetValue<string>()];
                Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), entry["sha256"]!.GetValue<string>());
                Assert.Equal(content.Length, entry["size"]!.GetValue<int>());
            }
        );
    }

    [Fact]
    public async Task An_entrypoint_gives_each_role_its_own_bundle()
    {
        var ids = new List<long>();
        foreach (var name in new[] { "tasks", "artifacts" })
        {
            ids.Add((await _client.PostJsonAsync("/api/v1/plugins", new { name, group = 1 })).Id());
            await AddFileAsync(ids[^1], "main.py", name);
        }

        var entrypoint = await _client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name = "e",
                group = 1,
                taskGraph = "",
                plugins = new[] { ids[0] },
                artifactPlugins = new[] { ids[1] },
            }
        );
        var at = $"/api/v1/entrypoints/{entrypoint.Id()}/snapshots/{entrypoint["snapshot"]}";
        await _client.DeleteJsonAsync($"/api/v1/plugins/{ids[0]}");

        var tasks = await DownloadAsync(at + "/plugins/bundle");
        var artifacts = await DownloadAsync(at + "/artifactPlugins/bundle?fileType=zip");
        var listed = (await _client.GetJsonAsync(at + "/artifactPlugins")).AsArray();

        Assert.Equal("plugins_bundle.tar.gz", tasks.Headers.ContentDisposition!.FileName);
        Assert.Equal("artifact_serialize_bundle.zip", artifacts.Headers.ContentDisposition!.FileName);
        Assert.Contains("tasks/main.py", (await UnpackAsync(tasks.Bytes, "application/gzip")).Keys);
        Assert.Contains("artifacts/main.py", (await UnpackAsync(artifacts.Bytes, "application/zip")).Keys);
        Assert.Equal(ids[1], Assert.Single(listed)!.Id());
        await _client.GetJsonAsync(at + "/plugins/bundle?fileType=rar", HttpStatusCode.BadRequest);
        await _client.GetJsonAsync(at + "9/plugins/bundle", HttpStatusCode.NotFound);
        await _client.GetJsonAsync(at + "9/artifactPlugins", HttpStatusCode.NotFound);
    }

    private async Task<long> AddFileAsync(long plugin, string filename, string contents) =>
        (await _client.PostJsonAsync($"/api/v1/plugins/{plugin}/files", new { filename, contents })).Id();

    private async Task<(byte[] Bytes, System.Net.Http.Headers.HttpContentHeaders Headers)> DownloadAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadAsByteArrayAsync(), response.Content.Headers);
    }

    private static async Task<Dictionary<string, byte[]>> UnpackAsync(byte[] bytes, string type)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var packed = new MemoryStream(bytes);
        if (type == "application/zip")
        {
            await using var zip = new ZipArchive(packed);
            foreach (var entry in zip.Entries)
            {
                await using var content = await entry.OpenAsync();
                files[entry.FullName] = await ReadAsync(content);
            }
        }
        else
        {
            await using var tar = new TarReader(new GZipStream(packed, CompressionMode.Decompress));
            while (await tar.GetNextEntryAsync() is { } entry)
            {
                files[entry.Name] = entry.DataStream is { } content ? await ReadAsync(content) : [];
            }
        }

        return files;
    }

    private static async Task<byte[]> ReadAsync(Stream content)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer);
        return buffer.ToArray();
    }
}
