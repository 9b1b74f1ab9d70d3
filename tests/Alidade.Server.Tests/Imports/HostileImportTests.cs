using System.Buffers.Binary;
using System.Formats.Tar;
using System.Net;
using System.Text;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.Imports;

/// <summary>Sources and forms that mean harm or are mistaken: refused with a reason, and nothing is left behind.</summary>
public sealed class HostileImportTests(HostileImportTests.Server server) : IClassFixture<HostileImportTests.Server>
{
    private readonly HttpClient _client = server.Client;

    [Theory]
    [InlineData("../evil.py", "leads out")]
    [InlineData("a/../../evil.py", "leads out")]
    [InlineData("/etc/cron.d/evil", "must be relative")]
    [InlineData("C:/evil.py", "must be relative")]
    [InlineData("a\\..\\evil.py", "backslash")]
    [InlineData("a/\u0001b.py", "control character")]
    public async Task A_path_out_of_the_source_is_refused(string path, string reason)
    {
        var files = ImportCalls.Source().Append(KeyValuePair.Create(path, "x"));

        var tar = await _client.ImportArchiveAsync(ImportCalls.Tar(files), HttpStatusCode.BadRequest);
        var zip = await _client.ImportArchiveAsync(ImportCalls.Zip(files), HttpStatusCode.BadRequest);

        Assert.Equal("ImportFailedError", tar.Error());
        Assert.Contains(reason, tar.Reason(), StringComparison.Ordinal);
        Assert.Contains(reason, zip.Reason(), StringComparison.Ordinal);
        await RequireNothingImportedAsync();
    }

    [Fact]
    public async Task Uploaded_names_may_not_lead_out_either()
    {
        var files = ImportCalls.Source().Append(KeyValuePair.Create("../../evil.py", "x"));

        var answer = await _client.ImportAsync(files, expected: HttpStatusCode.BadRequest);

        Assert.Contains("../../evil.py", answer.Reason(), StringComparison.Ordinal);
        await RequireNothingImportedAsync();
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    [InlineData(TarEntryType.Fifo)]
    public async Task A_tar_may_hold_only_files_and_folders(TarEntryType type)
    {
        var entry = new PaxTarEntry(type, "plugins/hello/passwd.py");
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
        {
            entry.LinkName = "/etc/passwd";
        }

        var answer = await _client.ImportArchiveAsync(
            ImportCalls.GZip(ImportCalls.Tar(ImportCalls.Source(), entry)),
            HttpStatusCode.BadRequest
        );

        Assert.Contains("neither a file nor a folder", answer.Reason(), StringComparison.Ordinal);
        await RequireNothingImportedAsync();
    }

    [Fact]
    public async Task A_link_in_a_zip_is_refused()
    {
        const int SymbolicLink = 0xA000 << 16;
        var zip = ImportCalls.Zip(ImportCalls.Source(), entry => entry.ExternalAttributes = SymbolicLink);

        var answer = await _client.ImportArchiveAsync(zip, HttpStatusCode.BadRequest);

        Assert.Contains("neither a file nor a folder", answer.Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bomb_is_refused_by_its_ratio()
    {
        var zeros = new string('\0', 64 << 20);
        var tar = ImportCalls.GZip(ImportCalls.Tar([KeyValuePair.Create("zeros", zeros)]));
        Assert.InRange(tar.Length, 1, 200_000);

        var answer = await _client.ImportArchiveAsync(tar, HttpStatusCode.BadRequest);

        Assert.Contains("expands to more than", answer.Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_files_are_refused()
    {
        var many = Enumerable.Range(0, 20_001).Select(i => KeyValuePair.Create($"f{i}", ""));

        var answer = await _client.ImportArchiveAsync(
            ImportCalls.GZip(ImportCalls.Tar(many)),
            HttpStatusCode.BadRequest
        );

        Assert.Contains("more than 20000 files", answer.Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_path_twice_is_refused()
    {
        var files = ImportCalls.Source().Append(KeyValuePair.Create("./plugins//hello/tasks.py", "other"));

        var answer = await _client.ImportArchiveAsync(ImportCalls.Tar(files), HttpStatusCode.BadRequest);

        Assert.Contains("twice", answer.Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paths_that_differ_only_in_case_are_refused()
    {
        var files = ImportCalls.Source().Append(KeyValuePair.Create("plugins/hello/Tasks.py", "other"));

        foreach (var archive in (byte[][])[ImportCalls.Tar(files), ImportCalls.Zip(files)])
        {
            var answer = await _client.ImportArchiveAsync(archive, HttpStatusCode.BadRequest);
            Assert.Contains("differ only in case", answer.Reason(), StringComparison.Ordinal);
        }

        await RequireNothingImportedAsync();
    }

    [Fact]
    public async Task Entries_of_a_zip_that_overlap_are_refused()
    {
        var answer = await _client.ImportArchiveAsync(Overlapping(), HttpStatusCode.BadRequest);

        Assert.Contains("overlap", answer.Reason(), StringComparison.Ordinal);
        await RequireNothingImportedAsync();
    }

    [Fact]
    public async Task The_entries_of_a_zip_are_counted_before_one_of_them_is_made()
    {
        var lines = Enumerable.Repeat("PK\u0001\u0002"u8.ToArray(), 20_001).SelectMany(line => line);

        var answer = await _client.ImportArchiveAsync([.. "PK\u0003\u0004"u8, .. lines], HttpStatusCode.BadRequest);

        Assert.Contains("more than 20000 files", answer.Reason(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is no archive")]
    [InlineData("PK\u0003\u0004 broken")]
    [InlineData("BZh91AY")]
    public async Task What_is_no_archive_is_said_to_be_none(string content)
    {
        var answer = await _client.ImportArchiveAsync(Encoding.Latin1.GetBytes(content), HttpStatusCode.BadRequest);

        Assert.Equal("ImportFailedError", answer.Error());
        Assert.Contains("archive", answer.Reason(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_archive_is_refused_wherever_it_is_cut()
    {
        foreach (
            var archive in (byte[][])
                [ImportCalls.GZip(ImportCalls.Tar(ImportCalls.Source())), ImportCalls.Zip(ImportCalls.Source())]
        )
        {
            for (var length = 1; length < archive.Length - 12; length += archive.Length / 12)
            {
                var answer = await _client.ImportArchiveAsync(archive[..length], HttpStatusCode.BadRequest);
                Assert.Equal("ImportFailedError", answer.Error());
            }
        }

        await RequireNothingImportedAsync();
    }

    /// <summary>Archives that say one thing and hold another, by what is done to a good one.</summary>
    public static TheoryData<string, byte[]> Liars()
    {
        var zip = ImportCalls.Zip(ImportCalls.Source());
        var central = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        var deep = string.Concat(Enumerable.Repeat("d/", 10_000));
        return new()
        {
            { "a zip whose entry is encrypted", Changed(zip, central + 8, 1) },
            { "a zip whose entry claims another size", Changed(zip, central + 24, 0xFF, 0xFF, 0xFF, 0x7E) },
            { "a zip whose entry lies beyond the end", Changed(zip, central + 42, 0xFF, 0xFF, 0xFF, 0x7E) },
            { "a tar of 10,000 nested folders", ImportCalls.Tar([KeyValuePair.Create(deep + "f", "")]) },
            { "a zip of 10,000 nested folders", ImportCalls.Zip([KeyValuePair.Create(deep + "f", "")]) },
        };

        static byte[] Changed(byte[] archive, int at, params byte[] bytes) =>
            [.. archive[..at], .. bytes, .. archive[(at + bytes.Length)..]];
    }

    [Theory]
    [MemberData(nameof(Liars), DisableDiscoveryEnumeration = true)]
    public async Task An_archive_that_lies_is_refused(string what, byte[] archive)
    {
        var answer = await _client.ImportArchiveAsync(archive, HttpStatusCode.BadRequest);

        Assert.True(answer.Error() == "ImportFailedError", $"{what}: {answer}");
        await RequireNothingImportedAsync();
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_told_the_limit()
    {
        using var form = ImportCalls.Form("upload_archive", null);
        form.Add(new ByteArrayContent(new byte[65 << 20]), "archiveFile", "huge.tar");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows/resourceImport");
        request.Content = form;
        request.Headers.ExpectContinue = true;

        using var response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("64 MiB", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_are_checked_field_by_field()
    {
        using var nothing = new MultipartFormDataContent { { new StringContent("x"), "ignored" } };
        var missing = await _client.SendFormAsync(nothing, HttpStatusCode.BadRequest);
        Assert.NotNull(missing["errors"]!["group"]);
        Assert.NotNull(missing["errors"]!["sourceType"]);

        using var none = ImportCalls.Form("git", null);
        var without = await _client.SendFormAsync(none, HttpStatusCode.BadRequest);
        Assert.Contains("exactly one", without["errors"]!["sourceType"]!.GetValue<string>(), StringComparison.Ordinal);

        using var both = ImportCalls.Form("git", "merge");
        both.Add(new StringContent("https://example.org/x.git"), "gitUrl");
        both.Add(new ByteArrayContent([1]), "files", "a.py");
        var strategy = await _client.SendFormAsync(both, HttpStatusCode.BadRequest);
        Assert.NotNull(strategy["errors"]!["resolveNameConflictsStrategy"]);

        using var other = ImportCalls.Form("upload_archive", null);
        other.Add(new ByteArrayContent([1]), "files", "a.py");
        var wrong = await _client.SendFormAsync(other, HttpStatusCode.BadRequest);
        Assert.Contains(
            "upload_archive",
            wrong["errors"]!["archiveFile"]!.GetValue<string>(),
            StringComparison.Ordinal
        );

        using var json = new StringContent("{}", Encoding.UTF8, "application/json");
        var type = await _client.SendFormAsync(json, HttpStatusCode.BadRequest);
        Assert.Contains("multipart/form-data", type.ToJsonString(), StringComparison.Ordinal);

        using var cut = new ByteArrayContent(Encoding.UTF8.GetBytes("--b\r\nContent-Disposition: form-data; name="));
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        await _client.SendFormAsync(cut, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("entrypoints = [ { name = 'duplicate' }, { name = 'duplicate' } ]")]
    [InlineData("plugins = [ { path = 'duplicate' }, { path = 'duplicate' } ]")]
    [InlineData(
        "plugins = [ { path = 'tasks.py', tasks = { functions = [ { name='duplicate' }, { name = 'duplicate' } ] } } ]"
    )]
    [InlineData(
        "entrypoints = [ { name = 'ep1', params = [ { name = 'duplicate', type = 'str'}, { name = 'duplicate', type = 'str'} ] } ]"
    )]
    [InlineData(
        "plugins = [ { path = 't', tasks = { functions = [ { name = 't', input_params = [ { name = 'duplicate', type = 'str' }, { name = 'duplicate', type = 'str' } ] } ] } } ]"
    )]
    [InlineData(
        "plugins = [ { path = 't', tasks = { functions = [ { name = 't', output_params = [ { name = 'duplicate', type = 'str' }, { name = 'duplicate', type = 'str' } ] } ] } } ]"
    )]
    [InlineData(
        "entrypoints = [ { name = 'ep2', artifact_params = [ { name = 'duplicate', type = 'str'}, { name = 'duplicate', type = 'str'} ] } ]"
    )]
    [InlineData(
        "plugins = [ { path = 't', tasks = { artifacts = [ { name = 'duplicate' }, { name = 'duplicate' } ] } } ]"
    )]
    public async Task Duplicate_names_are_said_to_be_duplicate(string config)
    {
        var answer = await _client.ImportAsync(
            [KeyValuePair.Create("dioptra.toml", config)],
            expected: HttpStatusCode.BadRequest
        );

        Assert.Equal("ImportFailedError", answer.Error());
        Assert.Contains("duplicate of", answer.Reason(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "name = \"hello\"\n  input",
        "name = \"9\"\n  input",
        "line 12: plugins[0].tasks.functions[0].name: '9'"
    )]
    [InlineData("\"TextTask\"", "\"__class__\"", "artifacts[0].name: '__class__' is not a valid name of a task")]
    [InlineData(
        "type = \"message\"",
        "type = \"mesage\"",
        "functions[0].output_params[0].type: there is no type \"mesage\""
    )]
    [InlineData("required = true", "required = 1", "input_params[0].required: must be true or false")]
    [InlineData("required = true", "need = true", "input_params[0].need: is no key; there is name, type, required")]
    [InlineData("\"tasks.py\"", "\"gone.py\"", "hello of plugin hello is said to be in \"gone.py\"")]
    [InlineData("plugins/hello\"", "gone/hello\"", "no Python file")]
    [InlineData("entrypoints/hello.yaml", "gone/hello.yaml", "is not in the source. There is: entrypoints/hello.yaml")]
    [InlineData("type = \"integer\"", "type = \"int\"", "entrypoints[0].params[1].type: Must be one of: string")]
    [InlineData(
        "\nplugins = [ \"hello\" ]",
        "\nplugins = [ \"bye\" ]",
        "entrypoints[0].plugins: there is no plugin \"bye\""
    )]
    [InlineData("[[entrypoints]]", "[[entrypoints]", "is not TOML: line 21: expected ]]")]
    [InlineData("entrypoints/hello.yaml", "../../hello.yaml", "leads out of the source")]
    [InlineData("entrypoints/hello.yaml", "plugins/hello/notes.txt", "mapping with the keys graph and artifacts")]
    public async Task A_wrong_manifest_is_told_the_place(string right, string wrong, string reason)
    {
        var config = ImportCalls.Config.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(ImportCalls.Config, config);

        var answer = await _client.ImportAsync(ImportCalls.Source(config), expected: HttpStatusCode.BadRequest);

        Assert.Equal("ImportFailedError", answer.Error());
        Assert.Contains(reason, answer.Reason(), StringComparison.Ordinal);
        await RequireNothingImportedAsync();
    }

    [Fact]
    public async Task A_built_in_type_is_not_for_a_manifest()
    {
        var config = "[[plugin_param_types]]\nname = \"string\"\n";
        KeyValuePair<string, string>[] files = [new("dioptra.toml", config)];

        var fail = await _client.ImportAsync(files, expected: HttpStatusCode.BadRequest);
        var overwrite = await _client.ImportAsync(files, "overwrite", HttpStatusCode.Forbidden);

        Assert.Equal("PluginParameterTypeMatchesBuiltinTypeError", fail.Error());
        Assert.Equal("ReadOnlyLockError", overwrite.Error());
    }

    /// <summary>A good zip whose directory has a second line for the bytes of its first file, under another name.</summary>
    private static byte[] Overlapping()
    {
        var zip = ImportCalls.Zip(ImportCalls.Source());
        var directory = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        var line = zip[directory..(directory + 46 + "dioptra.toml".Length)];
        "overlap.toml"u8.CopyTo(line.AsSpan(46));
        var end = zip[^22..];
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)(end[8] + 1));
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)(end[10] + 1));
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(12), zip.Length - 22 - directory + line.Length);
        return [.. zip[..^22], .. line, .. end];
    }

    private async Task RequireNothingImportedAsync()
    {
        Assert.Equal(0, (await _client.GetJsonAsync("/api/v1/plugins"))["totalNumResults"]!.GetValue<long>());
        Assert.Equal(
            6,
            (await _client.GetJsonAsync("/api/v1/pluginParameterTypes"))["totalNumResults"]!.GetValue<long>()
        );
    }

    /// <summary>One server for all of them: none of them changes anything.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private TestServer _server = null!;

        public HttpClient Client { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _server = await TestServer.StartAsync();
            Client = await _server.SignInAsync("ada");
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await _server.DisposeAsync();
        }
    }
}
