using Alidade.Bench.Measuring;
using Alidade.Bench.Servers;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Postgres;
using Alidade.Testing;

namespace Alidade.Bench.Scenarios;

/// <summary>Pages of long lists in every order and by every kind of search, beside a short list and a bare server.</summary>
internal sealed class Lists(Dialect dialect) : IScenario
{
    private const int Connections = 8;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(2);

    public string Name => dialect == Dialect.Sqlite ? "lists" : "lists-postgres";

    public string About => $"pages out of 10⁵ resources and 10⁶ jobs on {dialect}, {Connections} connections";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        ListSeed? seed = null;
        var postgres = dialect == Dialect.Postgres ? await PostgresServer.NewDatabaseAsync() : null;
        await using var server = await AlidadeServer.StartFilledAsync(postgres, FillAsync, cancellation);
        using var http = HttpLoad.NewHttp(server.Process.Address, server.Client.Session());

        var (ten, hundred) = ("api/v1/experiments/?pageLength=10", "api/v1/experiments/?pageLength=100");
        await FloorAsync(
            report,
            "bare Kestrel, bytes of 10",
            await http.GetByteArrayAsync(ten, cancellation),
            cancellation
        );
        var floor = await FloorAsync(
            report,
            "bare Kestrel, bytes of 100",
            await http.GetByteArrayAsync(hundred, cancellation),
            cancellation
        );
        await MeasureAsync("page of 100 experiments", hundred, null, floor, "≥ 1,000/s");
        var plain = await MeasureAsync("page of 10 experiments", ten, null, null, null);
        foreach (var (name, path, expected) in Resources(ten, seed!))
        {
            await MeasureAsync(name, path, plain, null, expected);
        }

        var plainJobs = await MeasureAsync("page of 10 jobs", "api/v1/jobs/?pageLength=10", null, null, null);
        foreach (var (name, path) in Jobs("api/v1/jobs/?pageLength=10", seed!))
        {
            await MeasureAsync(name, path, plainJobs, null, null);
        }

        report.Note("The last column is the rate beside that of the plain page of 10, of experiments or of jobs.");

        async Task FillAsync(IStore store, long user, long group)
        {
            seed = new ListSeed(user, group);
            await seed.WriteAsync(store, cancellation);
            if (store is PostgresStore { Source: var source })
            {
                await using var vacuum = source.CreateCommand("VACUUM ANALYZE");
                vacuum.CommandTimeout = 0;
                await vacuum.ExecuteNonQueryAsync(cancellation);
            }
        }

        async Task<double> MeasureAsync(
            string name,
            string path,
            double? plainRate,
            double? floorRate,
            string? expected
        )
        {
            await HttpLoad.LoadAsync(http, path, Connections, WarmUp, cancellation);
            var used = server.Process.ProcessorTime;
            var times = await HttpLoad.LoadAsync(http, path, Connections, Measured, cancellation);
            used = server.Process.ProcessorTime - used;
            var (rate, spread) = (times.Count / Measured.TotalSeconds, Measure.Of("", "", times));
            // The scenario takes minutes; what was seen so far is worth having when it is ended early.
            Console.Error.WriteLine($"{name}: {rate:0.0}/s, {used / times.Count:0.00} ms of processor");
            report.Add(
                new Measure(
                    name,
                    "requests/s",
                    rate,
                    P99: null,
                    Count: times.Count,
                    Floor: floorRate,
                    Expected: string.Join(
                        "; ",
                        new[]
                        {
                            expected,
                            plainRate is null ? null : $"{rate / plainRate:0.00} of plain",
                            $"{used / times.Count:0.00} ms of processor",
                            $"p50 {spread.Value:0.0}, p99 {spread.P99:0.0} ms",
                        }.OfType<string>()
                    )
                )
            );
            return rate;
        }
    }

    private static async Task<double> FloorAsync(
        Report report,
        string name,
        byte[] body,
        CancellationToken cancellation
    )
    {
        await using var bare = await BareKestrel.StartAsync(body);
        using var http = HttpLoad.NewHttp(bare.Address, null);
        await HttpLoad.LoadAsync(http, "", Connections, WarmUp, cancellation);
        var times = await HttpLoad.LoadAsync(http, "", Connections, Measured, cancellation);
        var rate = times.Count / Measured.TotalSeconds;
        report.Add(new Measure(name, "requests/s", rate, Count: times.Count));
        return rate;
    }

    private static IEnumerable<(string Name, string Path, string? Expected)> Resources(string page, ListSeed seed)
    {
        yield return ("offset 90,000", page + "&index=90000", null);
        foreach (var key in (string[])["name", "lastModifiedOn", "description"])
        {
            yield return ($"by {key}, descending", $"{page}&sortBy={key}&descending=true", null);
        }

        yield return ("by name, offset 90,000", page + "&sortBy=name&index=90000", null);
        yield return ("one group of many", $"{page}&groupId={seed.OtherGroup}", null);
        yield return ("one group, by name", $"{page}&groupId={seed.OtherGroup}&sortBy=name", null);
        yield return ("exact name", Searching(page, "name:'experiment 150000'"), "≥ 0.5 of plain");
        yield return ("prefix of 100 names", Searching(page, "name:'experiment 1500*'"), "≥ 0.5 of plain");
        yield return ("prefix of every name", Searching(page, "name:'experiment*'"), null);
        yield return ("rare word", Searching(page, ListSeed.RareWord), null);
        yield return ("usual word", Searching(page, ListSeed.UsualWord), null);
        yield return ("frequent word", Searching(page, ListSeed.FrequentWord), null);
        yield return ("frequent word, by name", Searching(page, ListSeed.FrequentWord) + "&sortBy=name", null);
        yield return ("two letters", Searching(page, "ze"), null);
        yield return ("no match", Searching(page, "unheard"), null);
        yield return ("tag on 500", Searching(page, "tag:'label 1007'"), null);
        yield return ("tag on half", Searching(page, "tag:'label 1000'"), null);
        yield return (
            "1,000 snapshots, offset 900",
            $"api/v1/experiments/{seed.SmallExperiment}/snapshots?pageLength=10&index=900",
            null
        );
    }

    private static IEnumerable<(string Name, string Path)> Jobs(string page, ListSeed seed)
    {
        yield return ("newest first", page + "&descending=true");
        yield return ("offset 90,000", page + "&index=90000");
        yield return ("offset 900,000", page + "&index=900000");
        foreach (var key in (string[])["lastModifiedOn", "description", "status"])
        {
            yield return ($"by {key}, descending", $"{page}&sortBy={key}&descending=true");
        }

        var big = page.Replace("jobs", $"experiments/{seed.BigExperiment}/jobs", StringComparison.Ordinal);
        yield return ("of an experiment with 500,000", big + "&descending=true");
        yield return ("the same by lastModifiedOn", big + "&sortBy=lastModifiedOn&descending=true");
        yield return ("the same, failed", Searching(big, "status:failed") + "&descending=true");
        yield return (
            "of an experiment with 500",
            page.Replace("jobs", $"experiments/{seed.SmallExperiment}/jobs", StringComparison.Ordinal)
        );
        yield return ("status on 990,000", Searching(page, "status:finished") + "&descending=true");
        yield return ("status on 10,000", Searching(page, "status:failed") + "&descending=true");
        yield return ("status on 1,000", Searching(page, "status:queued") + "&descending=true");
        yield return ("status on 10", Searching(page, "status:started") + "&descending=true");
        yield return ("rare word", Searching(page, ListSeed.RareWord));
        yield return ("frequent word", Searching(page, ListSeed.FrequentWord));
        yield return ("no match", Searching(page, "unheard"));
    }

    private static string Searching(string page, string text) => $"{page}&search={Uri.EscapeDataString(text)}";
}
