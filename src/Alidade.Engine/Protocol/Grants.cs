namespace Alidade.Engine.Protocol;

/// <summary>A worker with free slots asks for work and waits.</summary>
/// <param name="Free">How many attempts it can begin now, at least 1.</param>
/// <param name="WaitSeconds">How long to hold the call open when there is nothing.</param>
public sealed record ClaimRequest(int Free, double WaitSeconds);

/// <summary>Zero or more attempts, each already owned by the asking session.</summary>
public sealed record ClaimReply(IReadOnlyList<Grant> Grants);

/// <summary>One attempt and everything needed to run it.</summary>
/// <param name="Number">1 for the first try of the job.</param>
/// <param name="Fence">Goes with every write about this attempt.</param>
/// <param name="Run">Id of the tracking record, 32 hexadecimal digits.</param>
/// <param name="Plan">The compiled plan, the exact text whose SHA-256 is <paramref name="PlanDigest"/>.</param>
/// <param name="Plugins">Plugin files, to be laid out as <c>plugins/PATH</c>.</param>
/// <param name="Inputs">Artifact inputs, to be laid out as <c>inputs/PATH</c>.</param>
/// <param name="Seed">Seeds random, numpy and torch.</param>
/// <param name="TimeoutSeconds">Limit of this attempt.</param>
/// <param name="Network">Whether the job may have a network, if the worker does not say otherwise.</param>
/// <param name="LostAfterSeconds">After this silence the server takes this job away; null goes by the session's interval.</param>
/// <param name="DataFolders">Names of the worker's data folders to be shown to the job.</param>
/// <param name="Secrets">Names of the secrets to fetch for the job.</param>
/// <param name="Isolation">Lowest level allowed: <c>L0</c>, or <c>L1c</c> for any sandbox.</param>
public sealed record Grant(
    long Attempt,
    long Job,
    int Number,
    long Fence,
    string Run,
    string Plan,
    string PlanDigest,
    IReadOnlyList<GrantFile> Plugins,
    IReadOnlyList<GrantFile> Inputs,
    long Seed,
    double TimeoutSeconds,
    string Isolation,
    bool Network = false,
    double? LostAfterSeconds = null,
    IReadOnlyList<string>? DataFolders = null,
    IReadOnlyList<string>? Secrets = null
);

/// <summary>A file by content.</summary>
/// <param name="Path">Relative, with forward slashes; checked by the server and again by the agent.</param>
public sealed record GrantFile(string Path, string Sha256, long Size);
