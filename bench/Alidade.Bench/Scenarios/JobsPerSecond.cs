using System.Diagnostics;
using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;
using Alidade.Client;

namespace Alidade.Bench.Scenarios;

/// <summary>No-op jobs from the first submit to the last end, on the server with its worker inside and two slots.</summary>
internal sealed class JobsPerSecond : IScenario
{
    private const int Jobs = 500;
    private const int WarmUp = 40;
    private const int FloorJobs = 100;
    private const int Connections = 4;
    private const string Nothing = "def nothing() -> None:\n    pass\n";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);

    public string Name => "jobs-per-second";

    public string About => $"{Jobs} no-op jobs end to end, two slots, tracking on";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var floors = await PythonFloor.MeasureAsync(FloorJobs, cancellation);
        var bare = floors["floor"].PerSecond;
        report.Add(new Measure("bare fork server", "jobs/s", bare, Count: FloorJobs));
        foreach (var level in floors.Keys.Where(key => key != "floor").Order())
        {
            var alone = floors[level].PerSecond;
            report.Add(new Measure($"{level} template alone", "jobs/s", alone, Count: FloorJobs, Floor: bare));
            await using var server = await AlidadeServer.StartAsync(level, cancellation);
            var submit = await server.FunctionAsync(Nothing, cancellation);
            await BatchAsync(server, submit, WarmUp, cancellation);
            var before = server.Process.ProcessorTime;
            var seconds = await BatchAsync(server, submit, Jobs, cancellation);
            var used = (server.Process.ProcessorTime - before) / Jobs;
            report.Add(
                new Measure(
                    $"{level} end to end",
                    "jobs/s",
                    Jobs / seconds,
                    Count: Jobs,
                    Floor: alone,
                    Expected: "≥ 50/s"
                )
            );
            report.Add(new Measure($"{level} processor time of server and agent", "ms/job", used, Count: Jobs));
        }
    }

    private static async Task<double> BatchAsync(
        AlidadeServer server,
        Func<Task<Job>> submit,
        int jobs,
        CancellationToken cancellation
    )
    {
        var begun = Stopwatch.GetTimestamp();
        var ids = new long[jobs];
        await Parallel.ForAsync(
            0,
            jobs,
            new ParallelOptions { MaxDegreeOfParallelism = Connections, CancellationToken = cancellation },
            async (i, _) => ids[i] = (await submit()).Id
        );

        // Jobs end in about the order they came in: once the newest have, few of the others are still asked for.
        foreach (var id in ids.OrderDescending().Take(2 * Connections))
        {
            while (!(await server.Client.Jobs.GetAsync(id, cancellation)).Ended)
            {
                await Task.Delay(Tick, cancellation);
            }
        }

        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        foreach (var id in ids)
        {
            AlidadeServer.RequireFinished(await server.Client.Jobs.GetAsync(id, cancellation));
        }

        return seconds;
    }
}
