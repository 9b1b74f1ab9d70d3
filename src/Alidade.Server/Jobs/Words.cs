using System.Globalization;
using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Server.Jobs;

/// <summary>Times, amounts and names in sentences.</summary>
internal static class Words
{
    public static string Clock(long micros) =>
        DateTimeOffset
            .UnixEpoch.AddTicks(micros * 10)
            .ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Span(long micros) =>
        micros % (60 * Timing.Second) == 0 ? $"{micros / (60 * Timing.Second)} min" : $"{micros / Timing.Second} s";

    /// <summary>As a shell takes it.</summary>
    public static string Quoted(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? name
            : "'" + name.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>What is asked for, where the worker that has most of it has less.</summary>
    public static string Lacking(Capacity asked, IReadOnlyList<Capacity> there)
    {
        var (cpu, memory, gpus) = (there.Max(c => c.Cpu), there.Max(c => c.Memory), there.Max(c => c.Gpus));
        List<string> lacking =
        [
            .. asked.Cpu > cpu ? [$"{Cpus(asked.Cpu)} processors of at most {Cpus(cpu)}"] : (string[])[],
            .. asked.Memory > memory
                ? [$"{Amounts.Readable(asked.Memory)} of memory of at most {Amounts.Readable(memory)}"]
                : (string[])[],
            .. asked.Gpus > gpus ? [$"{asked.Gpus} GPUs of at most {gpus}"] : (string[])[],
        ];
        return lacking.Count > 0
            ? string.Join(", ", lacking)
            : $"{Cpus(asked.Cpu)} processors, {Amounts.Readable(asked.Memory)} of memory and {asked.Gpus} GPUs on one worker";
    }

    private static string Cpus(long thousandths) =>
        (thousandths / 1000.0).ToString("0.###", CultureInfo.InvariantCulture);
}
