using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>Workers that finish what they run and are given nothing more, until they are resumed or begin anew.</summary>
public sealed class WorkerDrains(Stores stores, WorkerList list)
{
    /// <summary>When this returns, no grant follows: the claim and the drain lock the same session.</summary>
    public Task<WorkerView> DrainAsync(Caller caller, long worker, CancellationToken cancellation) =>
        ChangeAsync(caller, worker, "drain", Sessions.Drain, cancellation);

    public Task<WorkerView> ResumeAsync(Caller caller, long worker, CancellationToken cancellation) =>
        ChangeAsync(caller, worker, "resume", Sessions.Resume, cancellation);

    private async Task<WorkerView> ChangeAsync(
        Caller caller,
        long worker,
        string action,
        Func<ITransaction, long, bool> change,
        CancellationToken cancellation
    )
    {
        await stores.Core.WriteAsync(
            tx =>
            {
                var live =
                    WorkerList.Find(tx, caller, worker) ?? throw new NotFoundException("worker", ("worker_id", worker));
                var group = PoolService.RequireAdmin(tx, caller, live.Pool);
                change(tx, live.Session);
                Audit.Write(tx, caller, action, "worker", worker, live.Name, group);
                return true;
            },
            cancellation: cancellation
        );
        return (await list.AllAsync(caller, cancellation)).First(w => w.Id == worker);
    }
}
