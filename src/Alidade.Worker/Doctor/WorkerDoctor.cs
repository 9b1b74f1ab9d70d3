using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alidade.Worker.Doctor;

/// <summary>
/// Looks at everything a worker needs, as the worker would find it, and changes nothing: it registers no session, so a
/// worker that runs meanwhile is not disturbed.
/// </summary>
public sealed class WorkerDoctor(WorkerOptions options, TimeProvider time)
{
    /// <summary>Options without which no interpreter can be tried.</summary>
    private static readonly string[] ForPython =
    [
        nameof(WorkerOptions.Python),
        nameof(WorkerOptions.PythonPackage),
        nameof(WorkerOptions.Preloads),
    ];

    /// <summary>A wrong option keeps back only what cannot be looked at without it.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellation)
    {
        // A machine can be looked at before it has a token.
        var errors = WorkerOptionsValidator.ErrorsBesideToken(options);
        bool IsRight(string key) => !errors.Any(e => e.StartsWith($"Worker:{key}:", StringComparison.Ordinal));
        var hasFolder = IsRight(nameof(options.DataFolder));
        var canStart = hasFolder && ForPython.All(IsRight);
        return
        [
            .. errors.Select(error => Finding.Bad("options", error, "Correct the option and look again.")),
            .. IsRight(nameof(options.Server)) ? await ServerAsync(cancellation) : [],
            .. hasFolder ? DiskExamination.Run(options) : [],
            .. IsRight(nameof(options.Cpu)) && IsRight(nameof(options.Memory)) && IsRight(nameof(options.Gpus))
                ? [ResourceExamination.Run(options)]
                : Array.Empty<Finding>(),
            .. canStart ? await InterpreterAsync(cancellation) : [],
        ];
    }

    private async Task<IReadOnlyList<Finding>> ServerAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = options.Server, Timeout = TimeSpan.FromSeconds(10) };
        return await new ServerExamination(http, options, time).RunAsync(cancellation);
    }

    private Task<IReadOnlyList<Finding>> InterpreterAsync(CancellationToken cancellation) =>
        new InterpreterExamination(options, new Backoff(time, Random.Shared), time, NullLogger.Instance).RunAsync(
            cancellation
        );
}
