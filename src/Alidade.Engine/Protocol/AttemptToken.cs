namespace Alidade.Engine.Protocol;

/// <summary>
/// What the agent adds to the calls a running job makes through it. The job never sees it, and it opens only what is
/// the job's own.
/// </summary>
/// <param name="LifetimeSeconds">Counted from the request, by the agent's own clock.</param>
public sealed record AttemptTokenReply(string Token, double LifetimeSeconds);
