using Alidade.Server.Platform;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Workers;
using Alidade.Storage.Platform;

namespace Alidade.Server.Jobs.Policies;

/// <param name="PausedOn">Null when it is not paused.</param>
public sealed record QueueState(long Id, bool Paused, string? PausedOn);

/// <summary>
/// Queues held still: jobs that run go on, jobs that wait keep their place, and no claim that begins later is given one.
/// </summary>
public sealed class QueuePauses(Stores stores, ClaimWaiters waiters)
{
    public Task<QueueState> GetAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                Resources.Get(s, ResourceKind.Queue, caller, id);
                return State(s, id);
            },
            cancellation
        );

    /// <summary>Every paused queue; few are.</summary>
    public Task<IReadOnlySet<long>> PausedAsync(CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlySet<long>>(
            s => s.Query<long>("SELECT queue FROM queue_pause").ToHashSet(),
            cancellation
        );

    public Task<QueueState> PauseAsync(Caller caller, long id, CancellationToken cancellation) =>
        ChangeAsync(
            caller,
            id,
            "pause",
            "INSERT INTO queue_pause (queue, user_id, at) VALUES (@id, @UserId, @Now) ON CONFLICT (queue) DO NOTHING",
            cancellation
        );

    public async Task<QueueState> ResumeAsync(Caller caller, long id, CancellationToken cancellation)
    {
        var state = await ChangeAsync(caller, id, "resume", "DELETE FROM queue_pause WHERE queue = @id", cancellation);
        waiters.Wake(id);
        return state;
    }

    /// <summary>Doing it again changes nothing and is no error.</summary>
    private Task<QueueState> ChangeAsync(
        Caller caller,
        long id,
        string action,
        string sql,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            tx =>
            {
                Resources.GetToChange(tx, ResourceKind.Queue, caller, id);
                var args = new
                {
                    id,
                    caller.UserId,
                    tx.Now,
                };
                if (tx.Execute(sql, args) == 1)
                {
                    Audit.Write(tx, caller, action, ResourceKind.Queue.Name, id);
                }

                return State(tx, id);
            },
            cancellation: cancellation
        );

    private static QueueState State(ISession s, long id)
    {
        var since = s.First<long?>("SELECT at FROM queue_pause WHERE queue = @id", new { id });
        return new QueueState(id, since is not null, Wire.Time(since));
    }
}
