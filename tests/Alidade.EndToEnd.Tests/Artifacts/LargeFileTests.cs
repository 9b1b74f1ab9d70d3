using System.Globalization;
using System.Security.Cryptography;
using Alidade.Client;
using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Artifacts;

/// <summary>
/// A file far larger than what the server may hold of it: up, through a kill of the server in the middle, and down, with the
/// memory of the server watched. `./run soak` sends 10 GiB, or what the disk has room for; <c>ALIDADE_SOAK_BYTES</c> says
/// another size.
/// </summary>
[Trait("run", "soak")]
public sealed class LargeFileTests
{
    private const long UsualSize = 256L << 20;
    private const long SoakSize = 10L << 30;
    private const long MostAboveIdle = 100L << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly long Size =
        Environment.GetEnvironmentVariable("ALIDADE_SOAK_BYTES") is { Length: > 0 } bytes
            ? long.Parse(bytes, CultureInfo.InvariantCulture)
        : Environment.GetEnvironmentVariable("ALIDADE_SOAK") == "1" ? Math.Min(SoakSize, Room())
        : UsualSize;

    [Fact]
    public async Task A_large_file_survives_a_kill_and_leaves_the_memory_flat()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Cancellation, "--workers", "0");
        var run = await server.Client.Runs.PutAsync(Guid.NewGuid().ToString("N"), new RunContent(), Cancellation);
        await using var source = await SourceAsync(folder.In("large.bin"));
        var files = new LargeFiles(server.Client, TimeProvider.System) { Patience = 1000 };

        var sending = files.UploadAsync(run.Id, "models/large.bin", source, Cancellation);
        await UntilAsync(() => Uploaded(folder) > Size / 4);
        await server.KillAsync();
        Assert.False(sending.IsCompleted);
        var cut = Uploaded(folder);
        await server.StartAgainAsync(Cancellation);
        Assert.Empty(await ListAsync(server, run));
        Assert.InRange(cut, Size / 4, Size - 1);
        await server.Client.Runs.TrackedAsync($"runs/get?run_id={run.Id}", Cancellation);
        var idle = Resident(server.ProcessId);
        var sent = await sending;
        Assert.Equal(["models"], await ListAsync(server, run));

        // A client whose own connection was cut goes on after what it has.
        await using var target = new FileStream(folder.In("back.bin"), FileMode.Create, FileAccess.ReadWrite);
        await using (var part = await server.Client.Runs.OpenFileAsync(run.Id, "models/large.bin", Cancellation))
        {
            await part.ReadAtLeastAsync(new byte[1 << 20], 1 << 20, cancellationToken: Cancellation);
        }

        source.Seek(0, SeekOrigin.Begin);
        var begin = new byte[10_000_000];
        await source.ReadExactlyAsync(begin, Cancellation);
        await target.WriteAsync(begin, Cancellation);
        var got = await files.DownloadAsync(run.Id, "models/large.bin", target, Cancellation);

        Assert.Equal(sent, got);
        Assert.Equal(Size, target.Length);
        var above = Peak(server.ProcessId) - idle;
        Assert.True(above <= MostAboveIdle, $"The server took {above >> 20} MiB above idle.");
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Size >> 20} MiB, cut at {cut >> 20} MiB; the server took {above >> 20} MiB above its {idle >> 20} MiB"
        );
        Assert.Empty(Directory.GetFileSystemEntries(folder.In("data", "blobs", "uploads")));
    }

    [Fact]
    public async Task Parts_of_a_killed_server_are_put_together_by_the_next()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Cancellation, "--workers", "0");
        var run = await server.Client.Runs.PutAsync(Guid.NewGuid().ToString("N"), new RunContent(), Cancellation);
        var at = $"{run.Group}/{run.Id}/artifacts";
        var parts = Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetBytes(8 << 20)).ToList();
        var begun = await server.Client.Runs.TrackAsync(
            $"../mlflow-artifacts/mpu/create/{at}",
            new { path = "net.bin", num_parts = parts.Count },
            Cancellation
        );
        using var nobody = new HttpClient();
        var sent = new List<object>();
        for (var number = 1; number <= parts.Count; number++)
        {
            if (number == 3)
            {
                await server.KillAsync();
                await server.StartAgainAsync(Cancellation);
            }

            var url = begun["credentials"]![number - 1]!["url"]!.ToString();
            using var answer = await nobody.PutAsync(url, new ByteArrayContent(parts[number - 1]), Cancellation);
            Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
            sent.Add(new { part_number = number, etag = answer.Headers.ETag!.Tag });
        }

        Assert.Empty(await ListAsync(server, run));
        var body = new
        {
            path = "net.bin",
            upload_id = begun["upload_id"]!.ToString(),
            parts = sent,
        };
        await server.Client.Runs.TrackAsync($"../mlflow-artifacts/mpu/complete/{at}", body, Cancellation);

        await using var whole = await server.Client.Runs.OpenFileAsync(run.Id, "net.bin", Cancellation);
        Assert.Equal(
            SHA256.HashData(parts.SelectMany(p => p).ToArray()),
            await SHA256.HashDataAsync(whole, Cancellation)
        );
    }

    /// <summary>The file is there three times, as it was, in the store and as it came back, and the disk is not filled.</summary>
    private static long Room() => new DriveInfo(Path.GetTempPath()).AvailableFreeSpace / 4;

    /// <summary>Bytes that no disk or filter makes smaller.</summary>
    private static async Task<FileStream> SourceAsync(string path)
    {
        var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        var block = RandomNumberGenerator.GetBytes(1 << 20);
        for (long written = 0; written < Size; written += block.Length)
        {
            BitConverter.TryWriteBytes(block, written);
            await file.WriteAsync(block.AsMemory(0, (int)Math.Min(block.Length, Size - written)), Cancellation);
        }

        await file.FlushAsync(Cancellation);
        file.Seek(0, SeekOrigin.Begin);
        return file;
    }

    private static long Uploaded(TempFolder folder) =>
        Directory.Exists(folder.In("data", "blobs", "uploads"))
            ? new DirectoryInfo(folder.In("data", "blobs", "uploads"))
                .EnumerateFiles("whole", SearchOption.AllDirectories)
                .Sum(f => f.Length)
            : 0;

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        while (!isTrue())
        {
            await Task.Delay(5, Cancellation);
        }
    }

    private static async Task<IReadOnlyList<string>> ListAsync(LiveServer server, Run run)
    {
        var answer = await server.Client.Runs.TrackedAsync($"artifacts/list?run_id={run.Id}", Cancellation);
        return [.. (answer["files"]?.AsArray() ?? []).Select(f => f!["path"]!.ToString())];
    }

    private static long Resident(int process) => Status(process, "VmRSS:");

    private static long Peak(int process) => Status(process, "VmHWM:");

    private static long Status(int process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            * 1024;
    }
}
