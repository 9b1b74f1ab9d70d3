using System.Collections.Concurrent;
using System.Globalization;
using Alidade.Client;
using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Jobs;

/// <summary>A plugin is updated again and again while its jobs are submitted and run.</summary>
public sealed class UpdateTests
{
    private const int Updates = 50;
    private static readonly TimeSpan BetweenJobs = TimeSpan.FromMilliseconds(50);

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    /// <summary>The file that a task imports from its own plugin is as new as the file of the task.</summary>
    private static string Source(int version) =>
        $"""
            VERSION = {version}

            def work():
                print("version", VERSION)
            """;

    [Fact(Timeout = 600_000)]
    public async Task Each_job_runs_exactly_what_it_pinned_and_none_fails()
    {
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), Limit, "--slots", "2");
        var place = await server.PublishAsync(Source(0), Limit);
        var versions = new Dictionary<string, int> { [await SnapshotAsync(server, place)] = 0 };
        var jobs = new ConcurrentQueue<long>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Limit);
        var submitting = SubmitAsync(server.Client, place, jobs, enough.Token);
        for (var version = 1; version <= Updates; version++)
        {
            await server.PublishAsync(Source(version), Limit);
            versions.Add(await SnapshotAsync(server, place), version);
            await Task.Delay(BetweenJobs * 2, Limit);
        }

        await enough.CancelAsync();
        await submitting;
        var ran = new HashSet<int>();
        foreach (var id in jobs)
        {
            var (job, lines) = await server.FollowAsync(id, Limit);
            Assert.True(job.State == "finished", $"{job.State}, {job.Reason}: {job.Message}");
            var pinned = versions[job.Entrypoint.Url.Split('/')[^1]];
            Assert.Equal([$"version {pinned}"], lines.Select(line => line.Message));
            ran.Add(pinned);
        }

        Assert.True(ran.Count > Updates / 2, $"only {ran.Count} versions were run: the jobs came too slowly to tell");
    }

    private static async Task<string> SnapshotAsync(LiveServer server, JobPlace place)
    {
        var entrypoint = await server.Client.Entrypoints.GetAsync(place.Content.Entrypoint, Limit);
        return entrypoint.Snapshot.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Twenty a second, whatever else happens.</summary>
    private static async Task SubmitAsync(
        AlidadeClient client,
        JobPlace place,
        ConcurrentQueue<long> jobs,
        CancellationToken enough
    )
    {
        using var timer = new PeriodicTimer(BetweenJobs);
        while (!enough.IsCancellationRequested)
        {
            jobs.Enqueue((await client.Experiments.SubmitAsync(place.Experiment, place.Content, Limit)).Id);
            await timer.WaitForNextTickAsync(Limit);
        }
    }
}
