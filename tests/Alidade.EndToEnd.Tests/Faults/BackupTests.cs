using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Faults;

/// <summary>A backup made while a server works is the state of one instant; restored, it is a server that goes on.</summary>
public sealed class BackupTests
{
    private const string Writing = """
        import time
        from alidade.tracking import log_metric

        def write():
            for i in range(100_000):
                print(f"line {i}", flush=True)
                log_metric("reached", i, step=i)
                time.sleep(0.002)
        """;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task What_was_acknowledged_before_the_backup_is_there_after_the_restore()
    {
        using var folder = new TempFolder();
        var (data, backup, elsewhere) = (folder.In("data"), folder.In("backup"), folder.In("elsewhere"));
        long done,
            running,
            lines;
        double points;
        await using (var server = await LiveServer.StartAsync(data, Limit))
        {
            done = (await server.SubmitAsync("def work():\n    print('done')\n", Limit)).Id;
            await server.FollowAsync(done, Limit);
            running = (await server.SubmitAsync(Writing, Limit)).Id;
            await server.HearAsync(running, "line 100", Limit);
            await RunAsync(folder, 0, "backup", backup, "--data", data);
            await server.HearAsync(running, "line 500", Limit);
            (lines, points) = await CountAsync(server, running);

            // The second is added to the first while the job goes on writing.
            await RunAsync(folder, 0, "backup", backup, "--data", data);
            await server.KillAsync();
            RunningProgram.Kill(Processes.Supervisor(data), RunningProgram.SigKill);
        }

        await RunAsync(folder, 0, "restore", backup, "--check");
        await RunAsync(folder, 0, "restore", backup, "--data", elsewhere);

        await using var restored = await LiveServer.ResumeAsync(elsewhere, Limit);
        var log = await restored.Client.Jobs.LogAsync(done, 0, cancellation: Limit);
        Assert.Contains(log.Lines, line => line.Message == "done");
        var (linesNow, pointsNow) = await CountAsync(restored, running);
        Assert.True(linesNow >= lines, $"{linesNow} of {lines} lines");
        Assert.True(pointsNow >= points, $"{pointsNow} of {points} points");
        var history = await restored.Client.Jobs.HistoryAsync(running, Limit);
        Assert.Contains(history, change => change.Reason == "lost");
        await restored.Client.Jobs.CancelAsync(running, Limit);
        Assert.Equal("cancelled", (await restored.FollowAsync(running, Limit)).Job.State);
    }

    [Fact(Timeout = 120_000)]
    public async Task What_is_not_whole_is_not_restored_and_nothing_is_overwritten()
    {
        using var folder = new TempFolder();
        var (data, backup) = (folder.In("data"), folder.In("backup"));
        await using (var server = await LiveServer.StartAsync(data, Limit))
        {
            await server.FollowAsync((await server.SubmitAsync("def work():\n    pass\n", Limit)).Id, Limit);
            File.WriteAllText(Path.Combine(data, "key"), "secret");
            File.SetUnixFileMode(Path.Combine(data, "key"), UnixFileMode.UserRead);
            await RunAsync(folder, 0, "backup", backup, "--data", data);
            Assert.Contains("Another server", await RunAsync(folder, 2, "restore", backup, "--data", data));
            Assert.Contains("is inside", await RunAsync(folder, 2, "backup", Path.Combine(data, "b"), "--data", data));
        }

        Assert.Contains("not empty", await RunAsync(folder, 2, "restore", backup, "--data", data));
        await RunAsync(folder, 0, "restore", backup, "--data", folder.In("whole"));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(folder.In("whole", "key")));

        var blob = Directory.GetFiles(Path.Combine(backup, "blobs"), "*", SearchOption.AllDirectories)[0];
        File.AppendAllText(blob, "more");
        Assert.Contains("is damaged", await RunAsync(folder, 2, "restore", backup, "--check"));
        Assert.Contains("is damaged", await RunAsync(folder, 2, "restore", backup, "--data", folder.In("half")));
        Assert.Contains("did not come to its end", await RunAsync(folder, 2, "serve", "--data", folder.In("half")));

        // A blob of another size than its own is copied anew, so the next backup mends this one.
        await RunAsync(folder, 0, "backup", backup, "--data", data);
        await RunAsync(folder, 0, "restore", backup, "--check");
        File.Delete(Path.Combine(backup, "manifest.json"));
        Assert.Contains("no complete backup", await RunAsync(folder, 2, "restore", backup, "--check"));
    }

    /// <summary>How many lines and points the server shows of a job.</summary>
    private static async Task<(long Lines, double Points)> CountAsync(LiveServer server, long job)
    {
        var log = await server.Client.Jobs.LogAsync(job, 0, cancellation: Limit);
        var metrics = await server.Client.Jobs.MetricsAsync(job, Limit);
        return (log.Lines.Count, metrics.Single(m => m.Name == "reached").Value);
    }

    private static async Task<string> RunAsync(TempFolder folder, int expected, params string[] arguments)
    {
        await using var program = RunningProgram.Alidade(folder.Path, arguments);
        var status = await program.EndAsync(Limit);
        Assert.True(status == expected, $"{string.Join(' ', arguments)} ended with {status}: {program.Output}");
        return program.Output;
    }
}
