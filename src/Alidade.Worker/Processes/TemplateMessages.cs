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

/// <param name="Stay">The supervisor waits for another attempt when this one has ended.</param>
/// <param name="Supervisor">One that stayed and was let go; where it is not there any more, another takes its place.</param>
/// <param name="Level">As in the attempt's file, and so is the next: what is the same for both is made ready for the next.</param>
internal sealed record LaunchRequest(string Folder, bool Stay, int? Supervisor, string Level, bool Network);

/// <summary>How apart from the machine an attempt is to run.</summary>
internal sealed record Isolation(string Level, bool Network)
{
    /// <summary>A supervisor inside the walls of its job ends with it.</summary>
    public bool LetsSupervisorStay => Level == IsolationLevels.Unsandboxed;
}

internal sealed record LaunchReply(int? Pid, string? Error);

/// <param name="LetGo">
/// To be called when the attempt has ended and nothing more will be asked of its supervisor: the next attempt may have it.
/// Null where it does not stay.
/// </param>
internal sealed record Launched(ProcessIdentity Supervisor, Action? LetGo);

/// <summary>A template could not be started, or could not fork.</summary>
/// <param name="mayHaveLaunched">The request was sent, so that a supervisor may be running all the same.</param>
internal sealed class TemplateException(string message, bool mayHaveLaunched = false, Exception? inner = null)
    : Exception(message, inner)
{
    public bool MayHaveLaunched { get; } = mayHaveLaunched;

    /// <summary>Somebody killed it, which says nothing of interpreter or package.</summary>
    public bool WasKilled { get; init; }
}
