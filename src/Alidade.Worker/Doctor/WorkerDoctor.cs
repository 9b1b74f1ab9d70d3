using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alidade.Worker.Doctor;

/// <summary>
/// Looks at everything a worker needs, as the worker would find it, and changes nothing: it registers no session, so a
/// worker that runs meanwhile is not disturbed.
/// </summary>
public sealed class WorkerDoctor(WorkerOptions options, TimeProvider time)
{
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellation)
    {
        // A machine can be looked at before it has a token.
        var errors = WorkerOptionsValidator.ErrorsBesideToken(options);
        if (errors.Count > 0)
        {
            return [.. errors.Select(error => Finding.Bad("options", error, "Correct the option and look again."))];
        }

        using var http = new HttpClient { BaseAddress = options.Server, Timeout = TimeSpan.FromSeconds(10) };
        var backoff = new Backoff(time, Random.Shared);
        return
        [
            .. await new ServerExamination(http, options, time).RunAsync(cancellation),
            .. DiskExamination.Run(options),
            .. await new InterpreterExamination(options, backoff, time, NullLogger.Instance).RunAsync(cancellation),
        ];
    }
}
