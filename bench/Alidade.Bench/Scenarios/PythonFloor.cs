using System.Diagnostics;
using System.Text.Json;

namespace Alidade.Bench.Scenarios;

/// <summary>
/// What <c>bench/python/latency.py</c> measures on this machine: a bare fork server, and our template alone with nobody
/// who submits, claims or follows.
/// </summary>
/// <param name="FirstLine">Median and 99th percentile in milliseconds.</param>
/// <param name="PerSecond">With two at a time; the bare fork one after the other.</param>
/// <param name="TwoPerSecond">Of two bare fork servers at once.</param>
/// <param name="Processor">Milliseconds of processor time per job, all processes together.</param>
internal sealed record PythonFloor(
    double[] FirstLine,
    double[]? Finished,
    double PerSecond,
    double? TwoPerSecond,
    double Processor
)
{
    private const string Bare = "floor";
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <returns>For each level that works here the bare fork and the template alone.</returns>
    public static async Task<IReadOnlyList<LevelFloor>> MeasureAsync(int jobs, CancellationToken cancellation)
    {
        var all = await RunAsync(jobs, cancellation);
        return
        [
            .. all
                .Keys.Where(key => !key.StartsWith(Bare, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(level => new LevelFloor(level, all.GetValueOrDefault(Bare + level, all[Bare]), all[level])),
        ];
    }

    private static async Task<IReadOnlyDictionary<string, PythonFloor>> RunAsync(
        int jobs,
        CancellationToken cancellation
    )
    {
        var script = Path.Combine(Repository.Root, "bench", "python", "latency.py");
        var start = new ProcessStartInfo(Repository.Python, [script, "--jobs", $"{jobs}"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{script} ended with {process.ExitCode}.");
        }

        using var json = JsonDocument.Parse(said);
        return json
            .RootElement.EnumerateObject()
            .Where(member => member.Value.ValueKind == JsonValueKind.Object)
            .ToDictionary(member => member.Name, member => member.Value.Deserialize<PythonFloor>(Web)!);
    }
}

/// <param name="Fork">A bare fork; at L1 one that enters the same sandbox.</param>
/// <param name="Alone">The template with nobody who submits, claims or follows.</param>
internal sealed record LevelFloor(string Level, PythonFloor Fork, PythonFloor Alone);
