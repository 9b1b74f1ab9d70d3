using System.Diagnostics;
using System.Text.Json;

namespace Alidade.Bench.Scenarios;

/// <summary>
/// What <c>bench/python/latency.py</c> measures on this machine: a bare fork server, and our template alone with nobody
/// who submits, claims or follows.
/// </summary>
/// <param name="FirstLine">Median and 99th percentile in milliseconds.</param>
/// <param name="PerSecond">With two at a time; the bare fork one after the other.</param>
internal sealed record PythonFloor(double[] FirstLine, double[]? Finished, double PerSecond)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <returns>By <c>floor</c>, <c>L0</c> and, where it works, <c>L1</c>.</returns>
    public static async Task<IReadOnlyDictionary<string, PythonFloor>> MeasureAsync(
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
