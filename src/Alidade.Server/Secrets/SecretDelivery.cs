using System.Text.Json;
using Alidade.Engine.Jobs;
using Alidade.Engine.Protocol;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Workers;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Secrets;

/// <summary>Gives an attempt's secrets to the worker that is about to begin it. Each use is in the audit log.</summary>
public sealed class SecretDelivery(Stores stores, SecretBox box)
{
    /// <exception cref="WorkerRefused">The attempt is not this session's, has begun, or is not granted one of them any more.</exception>
    public async Task<SecretsReply> TakeAsync(
        SessionRow session,
        long attempt,
        long fence,
        CancellationToken cancellation
    )
    {
        var rows = await stores.Core.WriteAsync(tx => Take(tx, session.Id, attempt, fence), cancellation: cancellation);
        try
        {
            return new SecretsReply(rows.ToDictionary(row => row.Name, box.Open));
        }
        catch (SecretException e)
        {
            throw Refused(e.Message);
        }
    }

    private static List<SecretRow> Take(ITransaction tx, long session, long attempt, long fence)
    {
        // Once it runs it has them; a worker that is asked again by something else gets nothing.
        if (JobReports.Find(tx, attempt, session, fence) is not { } mine || mine.State != AttemptState.Granted.Word())
        {
            throw WorkerRefused.Stale();
        }

        var job = tx.First<Owner>(
            """
            SELECT j.id, j.group_id, j.user_id, j.entrypoint, r.group_id AS entrypoint_group, j.queue, d.secrets
            FROM job j JOIN job_detail d ON d.job = j.id JOIN resource r ON r.id = j.entrypoint WHERE j.id = @Job
            """,
            new { mine.Job }
        )!;
        var to = new SecretGrants.Job(job.GroupId, job.Entrypoint, job.EntrypointGroup, job.Queue);
        return
        [
            .. JsonSerializer.Deserialize<string[]>(job.Secrets)!.Select(name => Take(tx, name, to, job, mine.Number)),
        ];
    }

    private static SecretRow Take(ITransaction tx, string name, SecretGrants.Job to, Owner job, int number)
    {
        var row = SecretStore.Find(tx, to.Group, name);
        if (SecretGrants.Refusal(row, name, to) is { } reason)
        {
            throw Refused(reason);
        }

        SecretStore.Used(tx, row!.Id, job.Id);
        var detail = $"{name}: job {job.Id}, attempt {number}";
        Audit.Write(tx, Caller.Only(job.UserId, ""), "use", "secret", row.Id, detail, to.Group);
        return row;
    }

    private static WorkerRefused Refused(string reason) => new(400, "secret_refused", reason);

    private sealed record Owner
    {
        public long Id { get; init; }
        public long GroupId { get; init; }
        public long UserId { get; init; }
        public long Entrypoint { get; init; }
        public long EntrypointGroup { get; init; }
        public long Queue { get; init; }
        public string Secrets { get; init; } = "[]";
    }
}
