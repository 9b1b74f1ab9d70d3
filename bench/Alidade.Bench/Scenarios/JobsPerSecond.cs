using System.Diagnostics;
using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;
using Alidade.Client;

namespace Alidade.Bench.Scenarios;

/// <summary>No-op jobs from the first submit to the last end, on the server with its worker inside and two slots.</summary>
internal sealed class JobsPerSecond : IScenario
{
    private const int Jobs = 500;

    /// <summary>By then the runtime has compiled what is hot: before, it takes as much of the processor as the jobs.</summary>
    public const int WarmUp = 1000;
    private const int FloorJobs = 100;
    private const int Connections = 4;
    public const string Nothing = "def nothing() -> None:\n    pass\n";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);

    public string Name => "jobs-per-second";

    public string About => $"{Jobs} no-op jobs end to end after {WarmUp} others, two slots, tracking on";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var floors = await PythonFloor.MeasureAsync(FloorJobs, cancellation);
        foreach (var (level, fork, alone) in floors)
        {
            Rate($"{level} bare fork", fork.PerSecond, FloorJobs);
            if (fork.TwoPerSecond is { } two)
            {
                // Where it is no more than one alone, two jobs at a time only wait for each other.
                Rate($"{level} bare fork, two at once", two, 2 * FloorJobs);
            }

            Rate($"{level} template alone", alone.PerSecond, FloorJobs, fork.PerSecond);
            await using var server = await AlidadeServer.StartAsync(level, cancellation);
            var submit = await server.FunctionAsync(Nothing, cancellation);
            await BatchAsync(server, submit, WarmUp, cancellation);
            var (own, python) = (server.Process.ProcessorTime, server.Process.ChildrenProcessorTime);
            var seconds = await BatchAsync(server, submit, Jobs, cancellation);
            own = (server.Process.ProcessorTime - own) / Jobs;
            python = (server.Process.ChildrenProcessorTime - python) / Jobs;
            Rate($"{level} end to end", Jobs / seconds, Jobs, fork.PerSecond, level == "L0" ? "≥ 150/s" : "≥ 60/s");

            // On a machine that others use too these say more than the rate.
            Time("bare fork", fork.Processor, FloorJobs);
            Time("template alone", alone.Processor, FloorJobs, fork.Processor);
            Time("server and agent", own, Jobs);
            Time("template, supervisor and host", python, Jobs, fork.Processor);
            Time("all together", own + python, Jobs, fork.Processor);

            void Time(string what, double value, int count, double? floor = null) =>
                report.Add(new Measure($"{level} processor time, {what}", "ms/job", value, Count: count, Floor: floor));
        }

        void Rate(string what, double value, int count, double? floor = null, string? expected = null) =>
            report.Add(new Measure(what, "jobs/s", value, Count: count, Floor: floor, Expected: expected));
    }

    public static async Task<double> BatchAsync(
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
