using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Secrets;

/// <summary>
/// Which jobs may be given which secrets. Their entrypoint asks by name; the secret is one of the job's group. It goes to
/// every entrypoint of that group unless it is limited, and to one of another group only when it is limited to it: who may
/// change a public entrypoint must not get at the secrets of those who use it.
/// </summary>
internal static class SecretGrants
{
    /// <param name="EntrypointGroup">The group that owns the entrypoint.</param>
    public sealed record Job(long Group, long Entrypoint, long EntrypointGroup, long Queue);

    /// <exception cref="RefusedException">The job would not be given one of them.</exception>
    public static void Require(ISession s, IReadOnlyList<string> names, Job job)
    {
        foreach (var name in names)
        {
            if (Refusal(SecretStore.Find(s, job.Group, name), name, job) is { } reason)
            {
                throw new RefusedException("SecretNotGrantedError", reason);
            }
        }
    }

    /// <returns>Why the job is not given it; null when it is.</returns>
    public static string? Refusal(SecretRow? row, string name, Job job) =>
        row switch
        {
            null => $"The entrypoint asks for the secret {name}, and group {job.Group} has none of that name. "
                + $"An admin of the group sets it: alidade secret set {name}.",
            { OnlyEntrypoints: { } only } when !only.Contains(job.Entrypoint) =>
                $"The secret {name} is limited to other entrypoints than {job.Entrypoint}.",
            { OnlyEntrypoints: null } when job.EntrypointGroup != job.Group =>
                $"Entrypoint {job.Entrypoint} is of another group; the secret {name} must be limited to it by name to be "
                    + $"given to it: alidade secret set {name} --entrypoint {job.Entrypoint}.",
            { OnlyQueues: { } only } when !only.Contains(job.Queue) =>
                $"The secret {name} is limited to other queues than {job.Queue}.",
            _ => null,
        };
}
