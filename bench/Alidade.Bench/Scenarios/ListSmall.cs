using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;

namespace Alidade.Bench.Scenarios;

/// <summary>A page of 10 of 100 experiments, asked for over 8 connections at once.</summary>
internal sealed class ListSmall : IScenario
{
    private const int Experiments = 100;
    private const int Connections = 8;
    private const string Page = "api/v1/experiments/?pageLength=10";

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(5);

    public string Name => "list-small";

    public string About => $"a page of 10 of {Experiments} experiments over {Connections} connections";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var server = await AlidadeServer.StartAsync(level: null, cancellation);
        for (var i = 0; i < Experiments; i++)
        {
            await server.CreateExperimentAsync($"experiment {i}", cancellation);
        }

        using var http = HttpLoad.NewHttp(server.Process.Address, server.Client.Session());
        var body = await http.GetByteArrayAsync(Page, cancellation);
        await using var bare = await BareKestrel.StartAsync(body);
        using var bareHttp = HttpLoad.NewHttp(bare.Address, null);

        await HttpLoad.LoadAsync(bareHttp, "", Connections, WarmUp, cancellation);
        await HttpLoad.LoadAsync(http, Page, Connections, WarmUp, cancellation);
        var floor = await HttpLoad.LoadAsync(bareHttp, "", Connections, Measured, cancellation);
        var used = server.Process.ProcessorTime;
        var pages = await HttpLoad.LoadAsync(http, Page, Connections, Measured, cancellation);
        used = server.Process.ProcessorTime - used;

        var bareTimes = Measure.Of("bare Kestrel, same bytes, time", "ms", floor);
        report.Add(new Measure("bare Kestrel, same bytes", "requests/s", Rate(floor), Count: floor.Count));
        report.Add(bareTimes);
        report.Add(
            new Measure(
                "page",
                "requests/s",
                Rate(pages),
                Count: pages.Count,
                Floor: Rate(floor),
                Expected: "≥ 3,000/s"
            )
        );
        report.Add(Measure.Of("page, time", "ms", pages, bareTimes.Value, "p99 ≤ 10 ms"));
        report.Add(new Measure("page, processor time", "µs/request", used * 1000 / pages.Count, Count: pages.Count));
        report.Note($"The page has {body.Length} bytes. The load comes from the bench itself, on the same cores.");
    }

    private static double Rate(List<double> times) => times.Count / Measured.TotalSeconds;
}
