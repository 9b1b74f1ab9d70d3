using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.Uploads;

/// <summary>Files that come in pieces, alike on both databases.</summary>
public abstract class UploadCompliance(Dialect dialect) : IAsyncLifetime
{
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(300_000);
    private readonly string _run = Guid.NewGuid().ToString("N");
    private TestServer _server = null!;
    private HttpClient _client = null!;

    private string Digest => Convert.ToHexStringLower(SHA256.HashData(_content));

    private string Uploads => $"/api/v1/runs/{_run}/uploads";

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(dialect);
        _client = await _server.SignInAsync("ada");
        await _client.PutJsonAsync($"/api/v1/runs/{_run}", new { });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Pieces_become_one_file_once_all_are_there_and_the_digest_is_right()
    {
        var upload = await BeginAsync("net.bin", Digest);
        var at = $"{Uploads}/{upload}";
        await SendAsync(at, 0, _content[..100_000]);
        await SendAsync(at, 50_000, _content[50_000..], HttpStatusCode.BadRequest);
        await SendAsync(at, 100_000, [.. _content[100_000..], 1, 2, 3], HttpStatusCode.BadRequest);
        var cut = (await _client.GetJsonAsync(at))["offset"]!.GetValue<int>();
        await _client.PostJsonAsync(at + "/complete", null, HttpStatusCode.BadRequest);
        Assert.Empty(await ListAsync());

        await SendAsync(at, cut, _content[cut..]);
        var done = await _client.PostJsonAsync(at + "/complete", null);
        await _client.DeleteJsonAsync($"/api/2.0/mlflow-artifacts/artifacts/1/{_run}/artifacts/net.bin");
        var again = await _client.PostJsonAsync(at + "/complete", null);

        Assert.Equal(100_000, cut);
        Assert.Equal(Digest, done["sha256"]!.ToString());
        Assert.Equal(Digest, again["sha256"]!.ToString());
        // Completing again did not bring back what was deleted in between.
        Assert.Empty(await ListAsync());
        Assert.Empty(Parts.Uploads());
    }

    [Fact]
    public async Task Content_with_another_digest_is_thrown_away()
    {
        var upload = await BeginAsync("net.bin", new string('a', 64));
        await SendAsync($"{Uploads}/{upload}", 0, _content);
        var refused = await _client.PostJsonAsync($"{Uploads}/{upload}/complete", null, HttpStatusCode.BadRequest);

        Assert.Equal("UploadDigestError", refused["error"]!.ToString());
        Assert.Contains(Digest, refused["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
        Assert.Equal(0, (await _client.GetJsonAsync($"{Uploads}/{upload}"))["offset"]!.GetValue<int>());
        foreach (var path in new[] { "../up", "/", "a/../b", "a\\b", "a//b", "a\u0017b" })
        {
            await _client.PostJsonAsync(Uploads, new { path, size = 1 }, HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Parts_come_in_any_order_without_credentials_and_are_one_file_at_the_end()
    {
        var folder = $"1/{_run}/artifacts/models";
        var begun = await CreatePartsAsync(folder, 3);
        var parts = new JsonArray();
        using var nobody = _server.NewClient();
        foreach (var credential in begun["credentials"]!.AsArray().Reverse())
        {
            var number = credential!["part_number"]!.GetValue<int>();
            var url = credential["url"]!.ToString();
            await PutAsync(nobody, url, [9, 9, 9]);
            var etag = await PutAsync(nobody, url, Part(number));
            parts.Add(
                new JsonObject
                {
                    ["part_number"] = number,
                    ["etag"] = etag,
                    ["url"] = url,
                }
            );
        }

        Assert.Empty(await ListAsync());
        var complete = new JsonObject
        {
            ["path"] = "/home/somebody/net.bin",
            ["upload_id"] = begun["upload_id"]!.ToString(),
            ["parts"] = parts.DeepClone(),
        };
        parts[0]!["etag"] = "\"other\"";
        var wrong = new JsonObject
        {
            ["path"] = "/home/somebody/net.bin",
            ["upload_id"] = begun["upload_id"]!.ToString(),
            ["parts"] = parts,
        };
        await MpuAsync("complete", folder, wrong, HttpStatusCode.BadRequest);
        await MpuAsync("complete", folder, complete);
        await MpuAsync("complete", folder, complete);

        Assert.Equal(["models/net.bin"], await ListAsync());
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"/api/2.0/mlflow-artifacts/artifacts/{folder}/net.bin"
        );
        request.Headers.Range = new(250_000, null);
        using var rest = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, rest.StatusCode);
        Assert.Equal($"\"{Digest}\"", rest.Headers.ETag!.Tag);
        Assert.Equal(_content[250_000..], await rest.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task What_is_aborted_or_left_gives_its_bytes_back()
    {
        var folder = $"1/{_run}/artifacts/models";
        var begun = await CreatePartsAsync(folder, 2);
        using var nobody = _server.NewClient();
        await PutAsync(nobody, begun["credentials"]![0]!["url"]!.ToString(), _content);
        Assert.Single(Parts.Uploads());
        await MpuAsync(
            "abort",
            folder,
            new JsonObject { ["path"] = "net.bin", ["upload_id"] = begun["upload_id"]!.ToString() }
        );
        Assert.Empty(Parts.Uploads());
        using var late = await nobody.PutAsync(begun["credentials"]![1]!["url"]!.ToString(), new ByteArrayContent([1]));
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);

        var left = await BeginAsync("left.bin", null);
        await SendAsync($"{Uploads}/{left}", 0, _content);
        var file = Directory
            .GetFiles(
                Path.Combine(_server.App.Services.GetRequiredService<DataFolder>().Blobs, "uploads"),
                "*",
                SearchOption.AllDirectories
            )
            .Single();
        foreach (var path in new[] { file, Path.GetDirectoryName(file)! })
        {
            Directory.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-3));
        }

        var swept = await _client.PostJsonAsync("/api/v1/trash/sweep", new { });
        Assert.Equal(1, swept["uploads"]!.GetValue<int>());
        Assert.Equal(_content.Length, swept["bytes"]!.GetValue<int>());
        Assert.Empty(Parts.Uploads());
    }

    private IPartStore Parts => _server.App.Services.GetRequiredService<IPartStore>();

    private byte[] Part(int number) => _content[((number - 1) * 100_000)..(number * 100_000)];

    [Fact]
    public async Task A_file_is_found_by_exactly_the_name_it_was_given()
    {
        var upload = await BeginAsync("a%20b.bin", Digest);
        await SendAsync($"{Uploads}/{upload}", 0, _content);
        await _client.PostJsonAsync($"{Uploads}/{upload}/complete", null);

        Assert.Equal(["a%20b.bin"], await ListAsync());
        Assert.Equal(
            _content,
            await _client.GetByteArrayAsync($"/get-artifact?run_id={_run}&path={Uri.EscapeDataString("a%20b.bin")}")
        );
    }

    private async Task<string> BeginAsync(string path, string? sha256) =>
        (
            await _client.PostJsonAsync(
                Uploads,
                new
                {
                    path,
                    size = _content.Length,
                    sha256,
                }
            )
        )["id"]!.ToString();

    private async Task SendAsync(string at, long offset, byte[] bytes, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await _client.PatchAsync($"{at}?offset={offset}", new ByteArrayContent(bytes));
        Assert.Equal(expected, answer.StatusCode);
    }

    private Task<JsonNode> CreatePartsAsync(string folder, int count) =>
        MpuAsync("create", folder, new JsonObject { ["path"] = "/home/somebody/net.bin", ["num_parts"] = count });

    private Task<JsonNode> MpuAsync(
        string step,
        string folder,
        JsonObject body,
        HttpStatusCode expected = HttpStatusCode.OK
    ) => _client.PostJsonAsync($"/api/2.0/mlflow-artifacts/mpu/{step}/{folder}", body, expected);

    private static async Task<string> PutAsync(HttpClient client, string url, byte[] bytes)
    {
        using var answer = await client.PutAsync(url, new ByteArrayContent(bytes));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Headers.ETag!.Tag;
    }

    /// <summary>The files of the run, two levels deep.</summary>
    private async Task<IReadOnlyList<string>> ListAsync()
    {
        async Task<List<JsonNode>> Below(string path) =>
            [
                .. (await _client.GetJsonAsync($"/api/2.0/mlflow/artifacts/list?run_id={_run}&path={path}"))["files"]
                    ?.AsArray()
                    .Select(f => f!)
                    ?? [],
            ];
        var files = new List<string>();
        foreach (var entry in await Below(""))
        {
            var found = entry["is_dir"]!.GetValue<bool>() ? await Below(entry["path"]!.ToString()) : [entry];
            files.AddRange(found.Select(f => f["path"]!.ToString()));
        }

        return files;
    }
}

public sealed class SqliteUploadTests() : UploadCompliance(Dialect.Sqlite);

public sealed class PostgresUploadTests() : UploadCompliance(Dialect.Postgres);
