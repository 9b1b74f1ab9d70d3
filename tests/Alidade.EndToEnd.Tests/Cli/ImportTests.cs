using System.Formats.Tar;
using Alidade.Client;
using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Cli;

/// <summary><c>alidade import</c> from a folder and from an archive.</summary>
public sealed class ImportTests : IClassFixture<SignedInHome>
{
    private readonly LiveServer _server;
    private readonly TempFolder _folder;

    public ImportTests(SignedInHome home)
    {
        (_server, _folder) = (home.Server, home.Folder);
        foreach (var name in (string[])["share/plugins/hello", "share/.venv", "share/__pycache__"])
        {
            Directory.CreateDirectory(_folder.In(name));
        }

        _folder.Write("share/plugins/hello/tasks.py", "def hello(): ...\n");
        _folder.Write("share/plugins/hello/requirements.txt", "# preload: json\n");
        _folder.Write("share/.venv/no.py", "");
        _folder.Write("share/hello.yaml", "graph:\n  one:\n    hello: []\n");
        _folder.Write(
            "share/dioptra.toml",
            """
            [[plugins]]
            path = "plugins/hello"
            tasks.functions = [ { filename = "tasks.py", name = "hello", input_params = [], output_params = [] } ]
            [[entrypoints]]
            path = "hello.yaml"
            name = "Hello"
            plugins = [ "hello" ]
            """
        );
    }

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_folder_and_an_archive_of_it_import_alike()
    {
        var (first, made) = await ImportAsync(_folder.In("share"));
        _folder.Write("share/plugins/hello/requirements.txt", "numpy==1.26.4\n");
        var (unlocked, warned) = await ImportAsync(_folder.In("share"), "--on-conflict", "update");
        Assert.True(unlocked == 0, warned);
        Assert.Contains("warning: plugins/hello/requirements.txt of plugin hello is no lock", warned);
        Assert.DoesNotContain("warning", made);
        var entrypoint = await _server.Client.Entrypoints.FindAsync("Hello", Limit);
        var (again, taken) = await ImportAsync(_folder.In("share"));
        await TarFile.CreateFromDirectoryAsync(
            _folder.In("share"),
            _folder.In("it.tar"),
            includeBaseDirectory: true,
            Limit
        );
        var (update, updated) = await ImportAsync(
            _folder.In("it.tar"),
            "--config",
            "share/dioptra.toml",
            "--on-conflict",
            "update"
        );

        Assert.True(first == 0, made);
        Assert.Contains($"entrypoint {entrypoint!.Id} Hello", made);
        Assert.Equal(1, again);
        Assert.Contains("is not available", taken);
        Assert.True(update == 0, updated);
        Assert.Equal(entrypoint, await _server.Client.Entrypoints.FindAsync("Hello", Limit), SameSnapshot);
    }

    [Fact(Timeout = 120_000)]
    public async Task What_cannot_be_imported_is_said_in_a_sentence()
    {
        _folder.Write("share/dioptra.toml", "[[plugins]]\npath = 3\n");
        var (wrong, reason) = await ImportAsync(_folder.In("share"));
        var (nothing, where) = await ImportAsync("no-such-folder");
        var (group, which) = await ImportAsync(_folder.In("share"), "--group", "gone");

        Assert.Equal((1, 1, 1), (wrong, nothing, group));
        Assert.Contains("line 2: plugins[0].path: must be a text in quotes", reason);
        Assert.Contains("neither a folder nor a file", where);
        Assert.Contains("You are in no group gone, but in public", which);
    }

    private static bool SameSnapshot(Entrypoint? one, Entrypoint? other) => one?.Snapshot == other?.Snapshot;

    private async Task<(int Exit, string Output)> ImportAsync(params string[] arguments)
    {
        await using var import = RunningProgram.Alidade(
            _folder.Path,
            ["import", .. arguments, "--server", _server.Url.ToString()]
        );
        var exit = await import.EndAsync(Limit);
        return (exit, import.Output);
    }
}
