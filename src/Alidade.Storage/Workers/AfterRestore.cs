using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Workers;

/// <summary>
/// What a restored database must not take for true. Attempts that ran at the backup ran elsewhere, and what they
/// reported since is not here: they are lost, and their jobs are queued again or end as after any loss. Sessions of
/// workers and people end: some had ended since, and would be open again.
/// </summary>
public static class AfterRestore
{
    public static IReadOnlyList<Moved> Run(ITransaction tx)
    {
        tx.Execute("DELETE FROM sign_in");
        tx.Execute("DELETE FROM one_time_code");
        tx.Execute("UPDATE worker_session SET state = 'left', ended = @Now WHERE ended IS NULL", new { tx.Now });
        var live = tx.Query<AttemptRow>("SELECT * FROM attempt WHERE state IN ('granted', 'running') ORDER BY job");
        return
        [
            .. live.Select(a => Sessions.Gone(tx, a, "It ran when the backup was made from which this is restored."))
                .OfType<Moved>(),
        ];
    }
}
