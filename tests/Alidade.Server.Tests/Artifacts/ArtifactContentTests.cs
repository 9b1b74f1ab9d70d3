using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.Artifacts;

/// <summary>The bytes of artifacts, as browsers and programs fetch them.</summary>
public sealed class ArtifactContentTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private HttpClient _client = null!;
    private SampleJob _job = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _client = await _server.SignInAsync("ada");
        _job = await _server.NewJobAsync(_client);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("bytes=2-4", 206, "cde", "bytes 2-4/10")]
    [InlineData("bytes=7-", 206, "hij", "bytes 7-9/10")]
    [InlineData("bytes=-2", 206, "ij", "bytes 8-9/10")]
    [InlineData("bytes=0-99999999999", 206, "abcdefghij", "bytes 0-9/10")]
    [InlineData("bytes=10-", 416, "", "bytes */10")]
    [InlineData("bytes=4-2", 200, "abcdefghij", null)]
    [InlineData("lines=1-2", 200, "abcdefghij", null)]
    public async Task A_part_of_a_file_is_that_part(string range, int status, string expected, string? shown)
    {
        var path = $"/api/v1/artifacts/{await _job.NewArtifactAsync("letters.txt", "abcdefghij")}/contents";

        using var response = await SendAsync(HttpMethod.Get, path, ("Range", range));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
        Assert.Equal(shown, response.Content.Headers.ContentRange?.ToString());
    }

    [Fact]
    public async Task Who_has_it_already_need_not_fetch_it_again_and_who_has_another_gets_it_whole()
    {
        var path = $"/api/v1/artifacts/{await _job.NewArtifactAsync("letters.txt", "abcdefghij")}/contents";
        using var first = await SendAsync(HttpMethod.Get, path);
        var tag = first.Headers.ETag!.ToString();

        using var same = await SendAsync(HttpMethod.Get, path, ("If-None-Match", tag));
        using var other = await SendAsync(HttpMethod.Get, path, ("If-None-Match", "\"other\""));
        using var resumed = await SendAsync(HttpMethod.Get, path, ("Range", "bytes=5-"), ("If-Range", tag));
        using var stale = await SendAsync(HttpMethod.Get, path, ("Range", "bytes=5-"), ("If-Range", "\"other\""));
        using var head = await SendAsync(HttpMethod.Head, path);

        Assert.NotNull(first.Content.Headers.LastModified);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal("fghij", await resumed.Content.ReadAsStringAsync());
        Assert.Equal("abcdefghij", await stale.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(10, head.Content.Headers.ContentLength);
        Assert.Equal("", await head.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("page.html", "attachment", "text/html")]
    [InlineData("picture.svg", "attachment", "image/svg+xml")]
    [InlineData("net.bin", "attachment", "application/octet-stream")]
    [InlineData("plot.png", "inline", "image/png")]
    [InlineData("it's \"quoted\"; filename=x.txt", "inline", "text/plain")]
    [InlineData("naïve Ω.txt", "inline", "text/plain")]
    public async Task No_name_and_no_type_of_a_file_runs_in_the_browser(string name, string disposition, string type)
    {
        var artifact = await _job.NewArtifactAsync(name, "<script>alert(1)</script>");

        using var response = await SendAsync(HttpMethod.Get, $"/api/v1/artifacts/{artifact}/contents");

        var headers = response.Content.Headers;
        Assert.Equal(disposition, headers.ContentDisposition!.DispositionType);
        Assert.Equal(name, headers.ContentDisposition.FileNameStar ?? headers.ContentDisposition.FileName);
        Assert.Equal(type, headers.ContentType!.MediaType);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains(
            "sandbox",
            response.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("tar_gz", "application/gzip", ".tar.gz")]
    [InlineData("zip", "application/zip", ".zip")]
    public async Task A_folder_is_an_archive_and_what_lies_in_it_can_be_fetched_alone(
        string fileType,
        string type,
        string ending
    )
    {
        var deep = string.Join('/', Enumerable.Repeat("a-rather-long-folder-name", 12)) + "/Ω.txt";
        await _job.StoreAsync("model", folder: true, ("MLmodel", "yaml"), ("data/w.bin", "weights"), (deep, "deep"));
        var path = $"/api/v1/artifacts/{await RegisterAsync("model")}/contents";

        using var response = await SendAsync(HttpMethod.Get, $"{path}?fileType={fileType}");
        var packed = await response.Content.ReadAsByteArrayAsync();
        using var again = await SendAsync(
            HttpMethod.Get,
            $"{path}?fileType={fileType}",
            ("If-None-Match", response.Headers.ETag!.ToString())
        );
        using var head = await SendAsync(HttpMethod.Head, $"{path}?fileType={fileType}");
        var part = await _client.GetByteArrayAsync($"{path}?fileType={fileType}&path=data/");
        using var single = await SendAsync(HttpMethod.Get, $"{path}?path=data/w.bin", ("Range", "bytes=0-2"));

        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("model" + ending, response.Content.Headers.ContentDisposition!.FileName);
        Assert.Equal($"MLmodel=yaml {deep}=deep data/w.bin=weights", await UnpackAsync(packed, ending));
        Assert.Equal("data/w.bin=weights", await UnpackAsync(part, ending));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(type, head.Content.Headers.ContentType!.MediaType);
        Assert.Equal("wei", await single.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("?path=missing", HttpStatusCode.NotFound)]
    [InlineData("?path=dat", HttpStatusCode.NotFound)]
    [InlineData("?path=../model/MLmodel", HttpStatusCode.NotFound)]
    [InlineData("?path=%00", HttpStatusCode.NotFound)]
    [InlineData("?fileType=rar", HttpStatusCode.BadRequest)]
    public async Task What_is_not_in_a_folder_is_not_given(string query, HttpStatusCode expected)
    {
        await _job.StoreAsync("model", folder: true, ("MLmodel", "yaml"), ("data/w.bin", "weights"));

        await _client.GetJsonAsync($"/api/v1/artifacts/{await RegisterAsync("model")}/contents{query}", expected);
    }

    [Fact]
    public async Task A_file_has_nothing_inside_but_its_own_link_works()
    {
        var artifact = await _job.NewArtifactAsync("dir/art.txt", "content");
        var file = (await _client.GetJsonAsync($"/api/v1/artifacts/{artifact}/files"))[0]!;

        var refused = await _client.GetJsonAsync(
            $"/api/v1/artifacts/{artifact}/contents?path=other",
            HttpStatusCode.BadRequest
        );

        Assert.Equal("QueryParameterValidationError", refused["error"]!.GetValue<string>());
        Assert.Equal($"/api/v1/artifacts/{artifact}/contents?path=art.txt", file["fileUrl"]!.GetValue<string>());
        Assert.Equal("content", await _client.GetStringAsync(file["fileUrl"]!.GetValue<string>()));
    }

    private async Task<long> RegisterAsync(string path) =>
        (
            await _client.PostJsonAsync(
                "/api/v1/artifacts",
                new
                {
                    group = 1,
                    job = _job.Id,
                    artifactUri = _job.Uri(path),
                }
            )
        ).Id();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request);
    }

    private static async Task<string> UnpackAsync(byte[] archive, string ending)
    {
        var found = new List<string>();
        if (ending == ".zip")
        {
            using var zip = new ZipArchive(new MemoryStream(archive));
            foreach (var entry in zip.Entries)
            {
                using var reader = new StreamReader(entry.Open());
                found.Add($"{entry.FullName}={await reader.ReadToEndAsync()}");
            }
        }
        else
        {
            await using var tar = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
            while (await tar.GetNextEntryAsync() is { } entry)
            {
                using var reader = new StreamReader(entry.DataStream!);
                found.Add($"{entry.Name}={await reader.ReadToEndAsync()}");
            }
        }

        return string.Join(' ', found);
    }
}
