using System.CommandLine;
using Alidade.Worker;
using Alidade.Worker.Doctor;

namespace Alidade.Commands;

/// <summary><c>alidade worker doctor</c>: what a worker with these options would find, and what to do about it.</summary>
internal sealed class WorkerDoctorCommand : Command
{
    public WorkerDoctorCommand(Func<ParseResult, WorkerOptions> read)
        : base("doctor", "Say what a worker with these options lacks, and how to mend it") =>
        SetAction((parsed, cancellation) => RunAsync(read(parsed), cancellation));

    private static async Task<int> RunAsync(WorkerOptions options, CancellationToken cancellation)
    {
        var findings = await new WorkerDoctor(options, TimeProvider.System).ExamineAsync(cancellation);
        var width = findings.Max(finding => finding.Subject.Length);
        foreach (var finding in findings)
        {
            Console.WriteLine($"{Mark(finding.Health)}  {finding.Subject.PadRight(width)}  {finding.Message}");
            if (finding.Fix is { } fix)
            {
                Console.WriteLine($"{new string(' ', 9 + width)}→ {fix}");
            }
        }

        return findings.Any(finding => finding.Health is Health.Bad) ? 1 : 0;
    }

    private static string Mark(Health health) =>
        health switch
        {
            Health.Good => "ok   ",
            Health.Fair => "could",
            _ => "WRONG",
        };
}
