using System.Text.Json;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Runs;

/// <summary>What a run has under a path, however it came there, alike on both databases.</summary>
public abstract class RunFilesCompliance(ITestStore where) : IAsyncLifetime
{
    private const string Run = "0123456789abcdef0123456789abcdef";

    private IStore _core = null!;

    public async ValueTask InitializeAsync() => _core = await where.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _core.DisposeAsync();
        await where.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Files_uploaded_one_by_one_and_a_folder_handed_over_whole_are_found_alike()
    {
        await StoreAsync(1, "model", folder: true, ("weights/a.bin", 'a'), ("MLmodel", 'b'));
        await StoreAsync(2, "model/weights/late.bin", folder: false, ("late.bin", 'c'));
        await StoreAsync(3, "model_2/ΩÄ 100%.bin", folder: false, ("ΩÄ 100%.bin", 'd'));
        await StoreAsync(4, "empty", folder: true);

        var shown = new Dictionary<string, string>();
        foreach (
            var path in new[]
            {
                "",
                "model",
                "model/weights",
                "model/weights/a.bin",
                "model_2/ΩÄ 100%.bin",
                "model_2",
                "empty",
                "mode",
                "model/weights/a.bin/x",
                "Model",
            }
        )
        {
            var found = await _core.ReadAsync(s => RunFiles.Find(s, Run, path));
            shown[path] = found is null
                ? "-"
                : (found.IsFolder ? "folder " : "file ") + string.Join(", ", found.Files.Select(f => f.Path));
        }

        Assert.Equal(
            "folder model/MLmodel, model/weights/a.bin, model/weights/late.bin, model_2/ΩÄ 100%.bin",
            shown[""]
        );
        Assert.Equal("folder MLmodel, weights/a.bin, weights/late.bin", shown["model"]);
        Assert.Equal("folder a.bin, late.bin", shown["model/weights"]);
        Assert.Equal("file a.bin", shown["model/weights/a.bin"]);
        Assert.Equal("file ΩÄ 100%.bin", shown["model_2/ΩÄ 100%.bin"]);
        Assert.Equal("folder ΩÄ 100%.bin", shown["model_2"]);
        Assert.Equal("folder ", shown["empty"]);
        Assert.All(new[] { "mode", "model/weights/a.bin/x", "Model" }, p => Assert.Equal("-", shown[p]));
    }

    [Fact]
    public async Task What_was_written_last_under_a_path_is_what_is_there()
    {
        await StoreAsync(5, "out/x.txt", folder: false, ("x.txt", 'n'));
        await StoreAsync(1, "out", folder: true, ("x.txt", 'o'), ("y.txt", 'o'));

        var found = await _core.ReadAsync(s => RunFiles.Find(s, Run, "out"));

        Assert.Equal(["n", "o"], found!.Files.Select(f => f.Sha256[..1]));
    }

    [Fact]
    public async Task Equal_lists_of_files_are_one_and_others_are_kept_apart()
    {
        ArtifactFile[] files = [new("a", 1, Digest('a')), new("b/ü", 2, Digest('b'))];

        var digests = await _core.WriteAsync(t =>
            (Manifests.Save(t, files), Manifests.Save(t, files), Manifests.Save(t, files[..1]))
        );

        Assert.Equal(digests.Item1, digests.Item2);
        Assert.NotEqual(digests.Item1, digests.Item3);
        Assert.Equal(files, await _core.ReadAsync(s => Manifests.Read(s, digests.Item1)));
        Assert.Null(await _core.ReadAsync(s => Manifests.Read(s, Digest('x'))));
    }

    private Task<int> StoreAsync(long at, string path, bool folder, params (string Path, char Byte)[] files) =>
        _core.WriteAsync(t =>
        {
            RunStore.SetArtifact(
                t,
                new RunArtifact
                {
                    Run = Run,
                    Path = path,
                    Folder = folder ? 1 : 0,
                    Size = files.Length,
                    Content = JsonSerializer.Serialize(
                        files.Select(f => new ArtifactFile(f.Path, 1, Digest(f.Byte))),
                        JsonSerializerOptions.Web
                    ),
                    At = at,
                }
            );
            return 0;
        });

    private static string Digest(char of) => new(of, 64);
}

public sealed class SqliteRunFilesTests() : RunFilesCompliance(new SqliteTestStore());

public sealed class PostgresRunFilesTests() : RunFilesCompliance(new PostgresTestStore());
