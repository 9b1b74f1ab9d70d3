using System.Globalization;
using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;
using Alidade.Client;

namespace Alidade.Bench.Scenarios;

/// <summary>
/// From a submit over HTTP to the first line of user code and to the end, one job after the other on a worker that waits.
/// The job prints its own time, and all clocks are the machine's one.
/// </summary>
internal sealed class JobLatency : IScenario
{
    private const int Jobs = 100;
    private const int WarmUp = 20;
    private const string Hello = "import time\n\ndef hello() -> None:\n    print(time.time_ns())\n";

    /// <summary>Between jobs: what is measured is a worker that waits.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(20);

    public string Name => "job-latency";

    public string About => "submit over HTTP to the first line of user code and to the end, numpy preloaded";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var floors = await PythonFloor.MeasureAsync(Jobs, cancellation);
        foreach (var (level, fork, alone) in floors)
        {
            var bare = fork.FirstLine;
            report.Add(new Measure($"{level} bare fork, first line", "ms", bare[0], P99: bare[1], Count: Jobs));
            report.Add(
                new Measure(
                    $"{level} template alone, first line",
                    "ms",
                    alone.FirstLine[0],
                    P99: alone.FirstLine[1],
                    Count: Jobs,
                    Floor: bare[0]
                )
            );
            await MeasureAsync(report, level, alone, cancellation);
        }
    }

    private static async Task MeasureAsync(
        Report report,
        string level,
        PythonFloor alone,
        CancellationToken cancellation
    )
    {
        await using var server = await AlidadeServer.StartAsync(level, cancellation);
        var submit = await server.FunctionAsync(Hello, cancellation);
        var runs = new List<Trace>();
        for (var i = 0; i < WarmUp + Jobs; i++)
        {
            await Task.Delay(Idle, cancellation);
            var trace = await RunAsync(server, submit, cancellation);
            if (i >= WarmUp)
            {
                runs.Add(trace);
            }
        }

        Add("submit → first line of user code", t => t.FirstLine - t.Asked, alone.FirstLine[0], "≤ 20 ms");
        Add("submit → finished", t => t.Ended - t.Asked, alone.Finished?[0]);
        Add("· submit → queued", t => t.Queued - t.Asked);
        Add("· queued → claimed", t => t.Claimed - t.Queued);
        Add("· claimed → first line", t => t.FirstLine - t.Claimed);
        Add("· first line → finished", t => t.Ended - t.FirstLine);

        void Add(string what, Func<Trace, long> span, double? floor = null, string? expected = null) =>
            report.Add(Measure.Of($"{level} {what}", "ms", runs.Select(t => span(t) / 1000.0), floor, expected));
    }

    private static async Task<Trace> RunAsync(
        AlidadeServer server,
        Func<Task<Job>> submit,
        CancellationToken cancellation
    )
    {
        var asked = Now();
        var job = await submit();
        await server.EndAsync(job.Id, cancellation);
        var history = await server.Client.Jobs.HistoryAsync(job.Id, cancellation);
        var log = await server.Client.Jobs.LogAsync(job.Id, 0, cancellation: cancellation);
        var printed = log.Lines.First(line => line.Stream == "stdout").Message;
        return new Trace(
            asked,
            At("queued"),
            At("claimed"),
            long.Parse(printed, CultureInfo.InvariantCulture) / 1000,
            At("finished")
        );

        long At(string state) => history.First(change => change.State == state).Time;
    }

    private static long Now() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;

    /// <summary>Moments of one job in microseconds.</summary>
    private sealed record Trace(long Asked, long Queued, long Claimed, long FirstLine, long Ended);
}
