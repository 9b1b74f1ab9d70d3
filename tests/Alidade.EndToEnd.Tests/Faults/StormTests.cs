using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Alidade.Client;
using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Faults;

/// <summary>
/// Server, agents, templates, supervisors and jobs die at random, while jobs are submitted, run and read. What was
/// acknowledged stays, nothing runs twice at once, and every job comes to an end that is true.
/// </summary>
[Trait("run", "soak")]
public sealed class StormTests
{
    /// <summary>At least so many; they come as long as there is something to kill.</summary>
    private const int Jobs = 200;

    /// <summary>So many may be open: enough to wait for each other, and few enough to be followed.</summary>
    private const int Backlog = 16;
    private const int Beats = 12;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    /// <summary>Each beat says which attempt it is of and when it was, by a clock that all processes share.</summary>
    private const string Beating = """
        import os, time
        import alidade

        def beat():
            for i in range(12):
                print("beat", os.environ["ALIDADE_ATTEMPT"], i, time.monotonic_ns(), flush=True)
                alidade.log_metric("beat", i, step=i)
                time.sleep(0.02)
        """;

    private static readonly int Kills = Environment.GetEnvironmentVariable("ALIDADE_SOAK") == "1" ? 120 : 20;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Fact(Timeout = 900_000)]
    public async Task Nothing_acknowledged_is_lost_and_nothing_runs_twice_at_once()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {Kills} kills");
        using var folder = new TempFolder();
        await using var storm = await Storm.StartAsync(folder, new Random(seed), Limit);
        var content = await storm.Server.PublishAsync(Beating, Limit);
        var accepted = new ConcurrentQueue<long>();
        var witness = new Witness(storm.Server.Client);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Limit);
        var submitting = SubmitAsync(storm.Server.Client, content, accepted, witness, over.Token);
        using var calm = CancellationTokenSource.CreateLinkedTokenSource(Limit);
        var reading = witness.WatchAsync(accepted, calm.Token);
        for (var kill = 0; kill < Kills; kill++)
        {
            // Without jobs there may be nothing to kill, ever: what ended them is what is to be told.
            var killing = storm.KillSomethingAsync(Limit);
            await await Task.WhenAny(killing, submitting, reading);
            await killing;
        }

        await over.CancelAsync();
        await submitting;
        var ends = new List<Seen>();
        foreach (var job in accepted)
        {
            ends.Add(await EndOfAsync(storm.Server, job));
        }

        await calm.CancelAsync();
        await reading;
        foreach (var end in ends)
        {
            var where = $"job {end.Job.Id}, seed {seed}";
            CheckBeats(end, where);
            CheckEnd(end, storm.Hit, where);
            witness.Check(end, where);
        }

        Assert.Contains(ends, end => end.Job.State == "finished");
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{storm.Summary}; {ends.Count(end => end.Job.State == "finished")} of {ends.Count} jobs finished, "
                + $"{ends.Sum(end => end.Job.Attempts - 1)} begun again; {witness.Lines} lines and {witness.Points} points were seen before"
        );
    }

    private static async Task SubmitAsync(
        AlidadeClient client,
        JobPlace place,
        ConcurrentQueue<long> accepted,
        Witness witness,
        CancellationToken over
    )
    {
        while (accepted.Count < Jobs || !over.IsCancellationRequested)
        {
            if (accepted.Count - witness.Ended >= Backlog)
            {
                await Task.Delay(10, Limit);
                continue;
            }

            try
            {
                accepted.Enqueue((await client.Experiments.SubmitAsync(place.Experiment, place.Content, Limit)).Id);
            }
            catch (ApiException e) when (e.Status is null)
            {
                // No answer: whether it was taken in is not known, so it counts for nothing.
                await Task.Delay(100, Limit);
            }
        }
    }

    private static async Task<Seen> EndOfAsync(LiveServer server, long id)
    {
        Job job;
        var begun = Stopwatch.GetTimestamp();
        while (!(job = await server.Client.Jobs.GetAsync(id, Limit)).Ended)
        {
            await Task.Delay(100, Limit);
        }

        if (Stopwatch.GetElapsedTime(begun) > Long)
        {
            // It ended, but who runs this wants to know what it waited for.
            var history = await server.Client.Jobs.HistoryAsync(id, Limit);
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"job {id} took long: "
                    + string.Join(
                        "; ",
                        history.Select(c => $"{c.Time / 1_000_000 % 100_000} s {c.State} {c.Reason} {c.Message}")
                    )
            );
        }

        var page = await server.Client.Jobs.LogAsync(id, 0, cancellation: Limit);
        Assert.True(page.Complete, $"the log of job {id} goes on after its end");
        var metrics = await server.Client.Jobs.MetricsAsync(id, Limit);
        return new Seen(job, page.Lines, metrics.SingleOrDefault(m => m.Name == "beat")?.Value);
    }

    /// <summary>Each attempt counts from 0 without a gap, and ends before the next begins.</summary>
    private static void CheckBeats(Seen end, string where)
    {
        Assert.Equal(end.Lines.Select(line => line.Number).Order(), end.Lines.Select(line => line.Number));
        var last = 0L;
        foreach (var attempt in Beat.In(end.Lines).GroupBy(beat => beat.Attempt))
        {
            Assert.Equal(Enumerable.Range(0, attempt.Count()), attempt.Select(beat => beat.Number));
            Assert.True(attempt.First().At > last, $"two attempts at once: {where}");
            last = attempt.Last().At;
        }
    }

    /// <summary>A job is finished if its last attempt did all its work, and fails only if its own processes were killed.</summary>
    private static void CheckEnd(Seen end, ConcurrentDictionary<long, int> hit, string where)
    {
        if (end.Job.State == "finished")
        {
            var attempt = Beat.In(end.Lines).GroupBy(beat => beat.Attempt).Last();
            Assert.True(attempt.Count() == Beats, $"finished after {attempt.Count()} beats: {where}");
            Assert.Equal(Beats - 1, end.Value);
            return;
        }

        var said = $"{end.Job.State}, {end.Job.Reason}, {end.Job.Message}: {where}";
        Assert.True(end.Job is { State: "failed", Reason: "killed" or "lost" }, said);
        Assert.True(hit.ContainsKey(end.Job.Id), $"nobody touched it: {said}");
    }

    /// <summary>A job at its end, with its log and the last value of its series.</summary>
    internal sealed record Seen(Job Job, IReadOnlyList<LogLine> Lines, double? Value);

    private sealed record Beat(string Attempt, int Number, long At)
    {
        public static IEnumerable<Beat> In(IEnumerable<LogLine> lines) =>
            lines
                .Where(line => line.Message.StartsWith("beat ", StringComparison.Ordinal))
                .Select(line => line.Message.Split(' '))
                .Select(words => new Beat(
                    words[1],
                    int.Parse(words[2], CultureInfo.InvariantCulture),
                    long.Parse(words[3], CultureInfo.InvariantCulture)
                ));
    }
}
