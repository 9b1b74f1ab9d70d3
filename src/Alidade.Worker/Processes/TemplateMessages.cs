namespace Alidade.Worker.Processes;

/// <summary>The line a template prints when it can fork.</summary>
internal sealed record TemplateReady(
    bool Ready,
    int Pid,
    string Python,
    string Executable,
    IReadOnlyList<string> Levels,
    IReadOnlyList<string>? Notes
);

internal sealed record LaunchRequest(string Folder);

internal sealed record LaunchReply(int? Pid, string? Error);

/// <summary>A template could not be started, or could not fork.</summary>
/// <param name="mayHaveLaunched">The request was sent, so that a supervisor may be running all the same.</param>
internal sealed class TemplateException(string message, bool mayHaveLaunched = false, Exception? inner = null)
    : Exception(message, inner)
{
    public bool MayHaveLaunched { get; } = mayHaveLaunched;
}
