using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;

namespace Alidade.Bench.Scenarios;

/// <summary>The same no-op jobs on a server with a thousand and with a million past jobs: neither may cost more.</summary>
internal sealed class JobsBesidePast : IScenario
{
    private const int Jobs = 300;

    public string Name => "past-jobs";

    public string About => $"{Jobs} no-op jobs at L0 beside 10³ and 10⁶ past jobs";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var few = await MeasureAsync(1000, cancellation);
        var many = await MeasureAsync(1_000_000, cancellation);
        report.Add(new Measure("10³ past jobs", "jobs/s", few.Rate, Count: Jobs));
        report.Add(new Measure("10⁶ past jobs", "jobs/s", many.Rate, Count: Jobs, Floor: few.Rate, Expected: "flat"));
        report.Add(
            new Measure("10³ past jobs, processor time of server and agent", "ms/job", few.Processor, Count: Jobs)
        );
        report.Add(
            new Measure(
                "10⁶ past jobs, processor time of server and agent",
                "ms/job",
                many.Processor,
                Count: Jobs,
                Floor: few.Processor,
                Expected: "flat"
            )
        );
    }

    private static async Task<(double Rate, double Processor)> MeasureAsync(int past, CancellationToken cancellation)
    {
        await using var server = await AlidadeServer.StartFilledAsync(
            null,
            (store, user, group) => new PastJobs(user, group).WriteAsync(store, past),
            cancellation,
            level: "L0"
        );
        var submit = await server.FunctionAsync(JobsPerSecond.Nothing, cancellation);
        await JobsPerSecond.BatchAsync(server, submit, JobsPerSecond.WarmUp, cancellation);
        var before = server.Process.ProcessorTime;
        var seconds = await JobsPerSecond.BatchAsync(server, submit, Jobs, cancellation);
        return (Jobs / seconds, (server.Process.ProcessorTime - before) / Jobs);
    }
}
