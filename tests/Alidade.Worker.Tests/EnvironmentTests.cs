using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Alidade.Engine.Protocol;
using Alidade.Testing;
using Alidade.Worker.Environments;
using Alidade.Worker.Tests.Fakes;

namespace Alidade.Worker.Tests;

/// <summary>Jobs whose plugins ask for packages, from a folder of wheels.</summary>
public sealed class EnvironmentTests
{
    private const string Code = """
        import sys
        was = set(sys.modules)
        import greeting

        def main():
            print(greeting.text, sys.prefix, had)

        had = "greeting" in was
        """;

    [Fact]
    public async Task An_environment_is_made_once_and_serves_every_job_that_asks_for_it()
    {
        using var wheels = new TemporaryFolder();
        await using var agent = await StartAsync(wheels);
        var requirements = WriteWheel(wheels.Path, "greeting", "1.0", "text = 'hello'\n");

        // The second is granted while the first makes the environment, and waits for it.
        var (first, second) = (Submit(agent.Server, requirements), Submit(agent.Server, requirements));
        await agent.UntilAsync(() => first.End is not null && second.End is not null);
        var third = Submit(agent.Server, requirements);
        await agent.UntilAsync(() => third.End is not null);

        Assert.All([first, second, third], a => Assert.True(a.End!.Outcome == "finished", a.End.Message));
        var environments = Path.Combine(agent.Data, "environments");
        var made = Assert.Single(Directory.GetDirectories(environments));
        Assert.Empty(Directory.GetFiles(environments));
        Assert.All([first, second, third], a => Assert.Equal($"hello {made} False", a.Lines("stdout").Single()));
        Assert.Single(
            [first, second, third],
            a => a.Lines("system").Any(line => line.StartsWith("Making an environment", StringComparison.Ordinal))
        );
        Assert.Empty(third.Lines("system"));
    }

    [Fact]
    public async Task A_package_with_another_hash_is_a_failed_job_whose_log_says_why()
    {
        using var wheels = new TemporaryFolder();
        await using var agent = await StartAsync(wheels);
        var requirements = WriteWheel(wheels.Path, "greeting", "1.0", "text = 'hello'\n");
        var wrong = requirements[..^3] + (requirements[^3] == '0' ? "11\n" : "00\n");

        var attempt = Submit(agent.Server, wrong);
        await agent.UntilAsync(() => attempt.End is not null);

        Assert.Equal(("failed", "env_setup"), (attempt.End!.Outcome, attempt.End.Reason));
        Assert.Contains("requirements.txt", attempt.End.Message, StringComparison.Ordinal);
        Assert.Contains(
            attempt.Lines("system"),
            line => line.Contains("DO NOT MATCH THE HASHES", StringComparison.Ordinal)
        );
        Assert.Equal(attempt.End.LastEvent, attempt.Events.Count);
        Assert.Empty(Directory.GetDirectories(Path.Combine(agent.Data, "environments")));
    }

    [Fact]
    public async Task A_job_cancelled_while_its_environment_is_made_ends_at_once_and_leaves_nothing()
    {
        using var wheels = new TemporaryFolder();
        await using var agent = await StartAsync(wheels);
        var requirements = WriteWheel(wheels.Path, "greeting", "1.0", "text = 'hello'\n");

        var attempt = Submit(agent.Server, requirements);
        attempt.CancelRequested = true;
        await agent.UntilAsync(() => attempt.End is not null);

        Assert.Equal("cancelled", attempt.End!.Outcome);
        Assert.Empty(attempt.Lines("stdout"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(agent.Data, "environments")));
    }

    [Fact]
    public async Task What_the_packages_of_others_bring_along_runs_behind_the_walls_of_the_job_only()
    {
        using var wheels = new TemporaryFolder();
        await using var agent = await StartAsync(wheels);
        var mark = Path.Combine("/var/tmp", Path.GetFileName(wheels.Path));
        var evil = $"import pathlib; pathlib.Path('{mark}').touch()\n";
        var requirements = WriteWheel(wheels.Path, "greeting", "1.0", "text = 'hello'\n", ("evil.pth", evil));

        // It is preloaded only where nobody needs to be kept from anybody.
        var attempt = Submit(agent.Server, "# preload: greeting\n" + requirements, "L1");
        await agent.UntilAsync(() => attempt.End is not null);

        Assert.True(attempt.End!.Outcome == "finished", attempt.End.Message);
        var made = Assert.Single(Directory.GetDirectories(Path.Combine(agent.Data, "environments")));
        Assert.Equal($"hello {made} False", attempt.Lines("stdout").Single());
        Assert.Contains(attempt.Lines("stderr"), line => line.Contains("evil.pth", StringComparison.Ordinal));
        Assert.False(File.Exists(mark), "code of a package ran outside of the sandbox");
    }

    [Fact]
    public async Task Modules_that_plugins_name_are_imported_ahead()
    {
        await using var agent = await RunningAgent.StartAsync();
        var attempt = Submit(
            agent.Server,
            "# preload: colorsys\n",
            code: "import sys\nhad = 'colorsys' in sys.modules\ndef main():\n    print(had)\n"
        );
        var wrong = Submit(agent.Server, "# python: 3.98\n");
        await agent.UntilAsync(() => attempt.End is not null && wrong.End is not null);

        Assert.Equal(["True"], attempt.Lines("stdout"));
        Assert.Equal(("failed", "env_setup"), (wrong.End!.Outcome, wrong.End.Reason));
        Assert.Contains("no python3.98 on its path", wrong.End.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-r /etc/passwd")]
    [InlineData("--index-url http://169.254.169.254/\n")]
    [InlineData("a==1 --index-url=http://evil")]
    [InlineData("a==1 --hash=sha256:00 \\\n  --extra-index-url http://evil")]
    [InlineData("a @ file:///etc/passwd")]
    [InlineData("git+ext::sh -c id")]
    [InlineData("-e .")]
    [InlineData("./local.whl --hash=sha256:00")]
    [InlineData("a>=1")]
    [InlineData("# python: /tmp/evil")]
    [InlineData("# python: 3.12/../../evil")]
    [InlineData("# preload: os; import evil")]
    public void A_lock_asks_for_nothing_but_locked_packages(string text) =>
        Assert.Throws<EnvironmentException>(() => EnvironmentLock.Parse("plug/requirements.txt", text));

    [Fact]
    public void A_lock_is_read_as_pip_reads_it()
    {
        var digest = new string('a', 64);
        var read = EnvironmentLock.Parse(
            "plug/requirements.txt",
            $"""
            # python: 3.12
            #preload: numpy, sklearn.linear_model
            # This file was made by pip-compile

            numpy==1.26.4 \
                --hash=sha256:{digest} \
                --hash=sha256:{digest}
                # via scikit-learn
            uvloop[dev] == 0.19.0 ; sys_platform != "win32" and python_version >= "3.8" --hash=sha256:{digest}  # fast
            """
        );
        Assert.Equal(("3.12", 2), (read.Python, read.Packages.Split('\n').Length));
        Assert.Equal(["numpy", "sklearn.linear_model"], read.Preloads);
        Assert.StartsWith("numpy==1.26.4", read.Packages, StringComparison.Ordinal);
        Assert.EndsWith(digest, read.Packages, StringComparison.Ordinal);
    }

    private static Task<RunningAgent> StartAsync(TemporaryFolder wheels) =>
        RunningAgent.StartAsync(options: (server, data) => AgentProcess.Options(server, data, wheels: wheels.Path));

    private static ServerAttempt Submit(
        FakeServer server,
        string requirements,
        string isolation = "L0",
        string code = Code
    )
    {
        GrantFile[] files = [Add("plug/tasks.py", code), Add("plug/requirements.txt", requirements)];
        return server.Submit(id => Jobs.Grant(id, files, isolation));

        GrantFile Add(string path, string text) => new(path, server.AddBlob(Encoding.UTF8.GetBytes(text)), text.Length);
    }

    /// <summary>A package of one module.</summary>
    /// <returns>The line of a lock that asks for it.</returns>
    private static string WriteWheel(
        string folder,
        string name,
        string version,
        string code,
        params (string Path, string Text)[] more
    )
    {
        var info = $"{name}-{version}.dist-info";
        var files = new Dictionary<string, string>
        {
            [$"{name}.py"] = code,
            [$"{info}/METADATA"] = $"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            [$"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        };
        foreach (var (path, text) in more)
        {
            files.Add(path, text);
        }

        files[$"{info}/RECORD"] = string.Concat(files.Keys.Append($"{info}/RECORD").Select(path => $"{path},,\n"));
        var wheel = Path.Combine(folder, $"{name}-{version}-py3-none-any.whl");
        using (var archive = ZipFile.Open(wheel, ZipArchiveMode.Create))
        {
            foreach (var (path, text) in files)
            {
                using var writer = new StreamWriter(archive.CreateEntry(path).Open());
                writer.Write(text);
            }
        }

        var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(wheel)));
        return $"{name}=={version} --hash=sha256:{digest}\n";
    }
}
