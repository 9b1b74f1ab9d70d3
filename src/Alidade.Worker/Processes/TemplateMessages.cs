namespace Alidade.Worker.Processes;

/// <summary>The line a template prints when it can fork.</summary>
internal sealed record TemplateReady(
    bool Ready,
    int Pid,
    string Python,
    string Executable,
    IReadOnlyList<string> Levels,
    IReadOnlyList<string>? Notes,
    bool Warm = false,
    bool Pip = false,
    IReadOnlyList<RecordPart>? Parts = null
);

/// <summary>Facts that the start events of a template's attempts refer to.</summary>
/// <param name="Body">The exact text whose SHA-256 is <paramref name="Digest"/>.</param>
internal sealed record RecordPart(string Kind, string Digest, string Body);

internal sealed record LaunchRequest(string Folder);

internal sealed record LaunchReply(int? Pid, string? Error);

/// <summary>A template could not be started, or could not fork.</summary>
/// <param name="mayHaveLaunched">The request was sent, so that a supervisor may be running all the same.</param>
internal sealed class TemplateException(string message, bool mayHaveLaunched = false, Exception? inner = null)
    : Exception(message, inner)
{
    public bool MayHaveLaunched { get; } = mayHaveLaunched;

    /// <summary>Somebody killed it, which says nothing of interpreter or package.</summary>
    public bool WasKilled { get; init; }
}
