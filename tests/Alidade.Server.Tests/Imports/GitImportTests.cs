using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Alidade.Server.Configuration;
using Alidade.Server.Imports.Git;
using Alidade.Server.Imports.Sources;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Tests.Hosting;
using Alidade.Testing;

namespace Alidade.Server.Tests.Imports;

/// <summary>Git repositories, from a bare one on this disk.</summary>
public sealed class GitImportTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private string _commit = "";

    private string Work => _folder.Sub("work");

    private string Bare => _folder.Sub("resources.git");

    public ValueTask InitializeAsync()
    {
        foreach (var (path, text) in ImportCalls.Source())
        {
            Write("share/" + path, text);
        }

        Write("other/ignored.py", "x = 1");
        Write(".gitattributes", "*.py filter=evil\n");
        File.CreateSymbolicLink(Path.Combine(Work, "share", "plugins", "hello", "linked.txt"), "/etc/passwd");
        Git(Work, "init", "--quiet", "-b", "main");
        Git(Work, "add", ".");
        Git(Work, "commit", "--quiet", "-m", "One");
        Git(Work, "switch", "--quiet", "-c", "spare");
        Write("share/dioptra.toml", ImportCalls.Config.Replace("Says hello.", "Spare.", StringComparison.Ordinal));
        Git(Work, "commit", "--quiet", "-am", "Two");
        Git(Work, "switch", "--quiet", "main");
        Git(_folder.Path, "clone", "--quiet", "--bare", Work, Bare);
        _commit = Git(Work, "rev-parse", "main");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_branch_of_a_repository_becomes_resources()
    {
        await using var server = await StartAsync(localRepositories: true);
        using var client = await server.SignInAsync("ada");

        var main = await ImportAsync(client, "file://" + Bare, HttpStatusCode.OK);
        Assert.Equal(_commit, main["hash"]!.GetValue<string>());

        var spare = await ImportAsync(client, $"{Bare};share,other#spare", HttpStatusCode.OK);
        Assert.NotEqual(_commit, spare["hash"]!.GetValue<string>());
        var id = spare["resources"]!["plugins"]!["hello"]!.GetValue<long>();
        var plugin = await client.GetJsonAsync($"/api/v1/plugins/{id}");
        Assert.Equal("Spare.", plugin["description"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_git_cannot_fetch_is_a_GitError_with_its_words()
    {
        await using var server = await StartAsync(localRepositories: true);
        using var client = await server.SignInAsync("ada");

        var missing = await ImportAsync(client, "file:///nowhere/to/be/found.git", HttpStatusCode.BadRequest);
        var branch = await ImportAsync(client, Bare + "#gone", HttpStatusCode.BadRequest);
        var folder = await ImportAsync(client, Bare + ";other", HttpStatusCode.BadRequest);

        Assert.Equal("GitError", missing.Error());
        Assert.Contains("/nowhere/to/be/found.git", missing.Reason(), StringComparison.Ordinal);
        Assert.Equal("GitError", branch.Error());
        Assert.Contains("gone", branch.Reason(), StringComparison.Ordinal);
        Assert.Equal("ImportFailedError", folder.Error());
    }

    [Fact]
    public async Task The_servers_own_disk_is_closed_unless_opened()
    {
        await using var server = await StartAsync(localRepositories: false);
        using var client = await server.SignInAsync("ada");

        foreach (var url in (string[])["file://" + Bare, Bare])
        {
            var answer = await ImportAsync(client, url, HttpStatusCode.BadRequest);
            Assert.Equal("GitError", answer.Error());
            Assert.Contains("Import:LocalRepositories", answer.Reason(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Links_are_not_made_and_nothing_of_a_clone_stays()
    {
        string folder;
        using (var tree = new SourceTree())
        {
            folder = tree.Folder;
            var git = new GitSource(
                new ImportOptions { LocalRepositories = true },
                OwnHosts.OfSystem,
                TimeProvider.System
            );
            await git.ReadAsync(tree, Bare, TestContext.Current.CancellationToken);
            var linked = await tree.ReadAsync("share/plugins/hello/linked.txt", TestContext.Current.CancellationToken);
            Assert.Equal("/etc/passwd", linked);
            Assert.DoesNotContain(tree.Paths, path => path.StartsWith(".git/", StringComparison.Ordinal));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("ext::sh -c touch% /tmp/pwned")]
    [InlineData("ext::sh")]
    [InlineData("fd::17/foo")]
    [InlineData("--upload-pack=touch")]
    [InlineData("-c")]
    [InlineData("ssh://-oProxyCommand=touch/x")]
    [InlineData("ssh://-oProxyCommand=touch@host/x")]
    [InlineData("ssh://127.0.0.1%2Fx@github.com/y")]
    [InlineData("git://127.0.0.1:6379%2Fx@github.com/y")]
    [InlineData("ftp://example.org/x.git")]
    [InlineData("relative/path")]
    [InlineData("https://")]
    [InlineData("file://server/share")]
    [InlineData("https://example.org/x.git#--upload-pack=x")]
    [InlineData("https://example.org/x.git#a..b@{1}")]
    [InlineData("https://example.org/x.git;../up")]
    [InlineData("https://example.org/x.git;--stdin")]
    [InlineData("https://exam$(id)ple.org/x.git")]
    [InlineData("ssh://exa'mple.org/x.git")]
    [InlineData("https://example.org/x\n.git")]
    [InlineData("")]
    public void Urls_that_could_run_something_are_refused(string url)
    {
        var refused = Assert.Throws<RefusedException>(() =>
            GitUrl.Parse(url, new ImportOptions { LocalRepositories = true })
        );

        Assert.True(refused.Error is "GitError" or "ImportFailedError");
    }

    [Fact]
    public void Urls_are_taken_apart()
    {
        var full = GitUrl.Parse("https://me:secret@Example.org:8443/a/b.git;x/y,z#v1.0/rc", new ImportOptions());
        var ssh = GitUrl.Parse("git@example.org:a/b.git", new ImportOptions());

        Assert.Equal("https://me:secret@example.org:8443/a/b.git", full.Address);
        Assert.Equal("https://Example.org:8443/a/b.git", full.Shown);
        Assert.Equal(["x/y", "z"], full.Folders);
        Assert.Equal("v1.0/rc", full.Branch);
        Assert.Equal("ssh://git@example.org/a/b.git", ssh.Address);
        Assert.Empty(ssh.Folders);
    }

    [Theory]
    [InlineData("http://localhost:1/x.git")]
    [InlineData("http://127.1:1/x.git")]
    [InlineData("http://2130706433:1/x.git")]
    [InlineData("git://0x7f000001:1/x.git")]
    [InlineData("ssh://git@127.0.0.1:1/x.git")]
    [InlineData("git@0.0.0.0:x.git")]
    [InlineData("http://[::1]:1/x.git")]
    [InlineData("http://[::ffff:169.254.169.254]/latest/meta-data")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[fe80::1]/x.git")]
    public async Task What_only_the_server_reaches_is_closed_unless_opened(string url)
    {
        using var tree = new SourceTree();
        var git = new GitSource(new ImportOptions(), OwnHosts.OfSystem, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<RefusedException>(() =>
            git.ReadAsync(tree, url, TestContext.Current.CancellationToken)
        );

        Assert.Contains("Import:AllowedHosts opens it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_sends_nobody_on_to_another()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sending = SendOnAsync(listener);
        using var tree = new SourceTree();
        var git = new GitSource(
            new ImportOptions { AllowedHosts = ["127.0.0.1"] },
            OwnHosts.OfSystem,
            TimeProvider.System
        );

        var refused = await Assert.ThrowsAsync<RefusedException>(() =>
            git.ReadAsync(tree, $"http://{listener.LocalEndpoint}/x.git", TestContext.Current.CancellationToken)
        );

        await sending;
        Assert.Contains("error: 302", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://github.com/x.git", true)]
    [InlineData("https://git.example.org/x.git", true)]
    [InlineData("https://example.org/x.git", false)]
    [InlineData("https://evilexample.org/x.git", false)]
    [InlineData("http://127.0.0.1/x.git", false)]
    [InlineData("http://github.com@10.0.0.1/x.git", false)]
    public void Allowed_hosts_are_the_only_ones(string url, bool isAllowed)
    {
        var options = new ImportOptions { AllowedHosts = ["github.com", "*.example.org"] };

        var problem = Record.Exception(() => GitUrl.Parse(url, options));

        Assert.Equal(isAllowed, problem is null);
    }

    /// <summary>Answers one request with another address, at which nobody may be asked.</summary>
    private static async Task SendOnAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { Length: > 0 }) { }

        await stream.WriteAsync(
            "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/x.git/info/refs?service=git-upload-pack\r\n\r\n"u8.ToArray()
        );
    }

    private static Task<TestServer> StartAsync(bool localRepositories) =>
        TestServer.StartAsync(change: options =>
            options with
            {
                Import = new ImportOptions { LocalRepositories = localRepositories },
            }
        );

    /// <summary>As Dioptra's own script sends it: urlencoded.</summary>
    private static async Task<JsonNode> ImportAsync(HttpClient client, string url, HttpStatusCode expected)
    {
        using var form = new FormUrlEncodedContent([
            new("group", "1"),
            new("sourceType", "git"),
            new("gitUrl", url),
            new("configPath", "share/dioptra.toml"),
            new("resolveNameConflictsStrategy", "update"),
        ]);
        return await client.SendFormAsync(form, expected);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(Work, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private static string Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            Environment =
            {
                ["GIT_CONFIG_GLOBAL"] = "/dev/null",
                ["GIT_AUTHOR_NAME"] = "ada",
                ["GIT_AUTHOR_EMAIL"] = "ada@example.org",
                ["GIT_COMMITTER_NAME"] = "ada",
                ["GIT_COMMITTER_EMAIL"] = "ada@example.org",
            },
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return output.Trim();
    }
}
