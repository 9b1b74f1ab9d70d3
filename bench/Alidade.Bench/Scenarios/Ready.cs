using System.Diagnostics;
using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;
using Alidade.Testing;

namespace Alidade.Bench.Scenarios;

/// <summary>From the start of the process to the first answer of <c>/health</c>, and what it holds when idle.</summary>
internal sealed class Ready : IScenario
{
    private const int Starts = 5;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    public string Name => "ready";

    public string About => "process start to /health on an empty folder, and idle memory";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var (times, bare) = (new List<double>(), new List<double>());
        for (var i = 0; i < Starts; i++)
        {
            bare.Add(await TimeAsync(() => BareKestrel.StartAsync("{}"u8.ToArray()), "/", cancellation));
            using var folder = new TemporaryFolder();
            times.Add(
                await TimeAsync(() => AlidadeServer.StartProcessAsync(folder.Sub("data")), "/health", cancellation)
            );
        }

        var floor = Measure.Of("bare Kestrel, ready", "ms", bare);
        report.Add(floor);
        report.Add(Measure.Of("server ready, empty folder", "ms", times, floor.Value, "≤ 1500 ms"));

        using var data = new TemporaryFolder();
        await using var small = await BareKestrel.StartAsync("{}"u8.ToArray());
        await using var server = await AlidadeServer.StartProcessAsync(data.Sub("data"));
        await GetAsync(small, "/", cancellation);
        await GetAsync(server, "/health", cancellation);
        var (used, usedBare) = (server.ProcessorTime, small.ProcessorTime);
        await Task.Delay(Settle, cancellation);
        report.Add(new Measure("bare Kestrel, memory idle", "MiB", small.Memory));
        report.Add(
            new Measure("server, memory idle", "MiB", server.Memory, Floor: small.Memory, Expected: "≤ 200 MiB")
        );
        report.Add(new Measure("server, processor time to be ready", "ms", used, Floor: usedBare));
        report.Add(
            new Measure(
                "server, processor time idle",
                "ms/s",
                (server.ProcessorTime - used) / Settle.TotalSeconds,
                Floor: (small.ProcessorTime - usedBare) / Settle.TotalSeconds
            )
        );
    }

    private static async Task<double> TimeAsync(
        Func<Task<ChildServer>> start,
        string path,
        CancellationToken cancellation
    )
    {
        var begun = Stopwatch.GetTimestamp();
        await using var server = await start();
        await GetAsync(server, path, cancellation);
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static async Task GetAsync(ChildServer server, string path, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        (await http.GetAsync(path, cancellation)).EnsureSuccessStatusCode();
    }
}
