using Alidade.Storage.Platform;

namespace Alidade.Bench.Servers;

/// <summary>Finished jobs of one experiment with all the rows that a real one leaves, written straight into the tables.</summary>
internal sealed class PastJobs(long user, long group)
{
    private const int Portion = 50_000;
    private const long Born = 1_700_000_000_000_000;

    public async Task WriteAsync(IStore store, int count)
    {
        for (var from = 0; from < count; from += Portion)
        {
            var portion = Math.Min(Portion, count - from);
            await store.WriteAsync(tx => Write(tx, portion));
        }
    }

    private int Write(ITransaction tx, int count)
    {
        var first = Skip(tx, count);
        var (experiment, entrypoint, queue) = (first, first, first);
        var numbers =
            $"WITH RECURSIVE n (i) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {first + count - 1}) ";
        tx.Execute(
            $"""
            INSERT INTO job (id, group_id, experiment, entrypoint, queue, user_id, state, fence, attempts, failures, losses,
                starts, max_failures, max_losses, restartable, priority, run_at, rank, time_limit, lost_after, head, seq,
                created, modified, started, ended)
            {numbers} SELECT i, {group}, {experiment}, {entrypoint}, {queue}, {user}, 'finished', 1, 1, 0, 0, 1, 0, 2, 1, 0,
                {Born} + i, {Born} + i, 3600000000, 300000000, i, 4, {Born} + i, {Born} + i, {Born} + i, {Born} + i FROM n
            """
        );
        tx.Execute(
            $$"""
            INSERT INTO job_detail (job, run, timeout, experiment_snapshot, entrypoint_snapshot, queue_snapshot,
                parameter_values, artifact_values, seed, seed_given, plan, plan_digest, plugins, inputs)
            {{numbers}} SELECT i, 'run' || i, '1h', {{experiment}}, {{entrypoint}}, {{queue}}, '{}', '{}', 1, 0, '{}', '',
                '[]', '[]' FROM n
            """
        );
        tx.Execute(
            $"""
            INSERT INTO run (id, job, experiment, group_id, user_id, status, created, started, ended)
            {numbers} SELECT 'run' || i, i, {experiment}, {group}, {user}, 'FINISHED', {Born} + i, {Born} + i, {Born} + i FROM n
            """
        );
        tx.Execute(
            $"""
            INSERT INTO attempt (job, number, fence, session, worker, state, phase, granted, started, ended, report)
            {numbers} SELECT i, 1, 1, 0, 0, 'finished', 'reporting', {Born} + i, {Born} + i, {Born} + i, 'report' || i FROM n
            """
        );
        tx.Execute(
            $"""
            INSERT INTO job_event (id, job, seq, state, actor, user_id, at)
            {numbers} SELECT i, i, 1, 'finished', 'worker', {user}, {Born} + i FROM n
            """
        );
        return tx.Execute(
            $"""
            INSERT INTO resource (id, kind, group_id, owner_id, head, created, modified)
            {numbers} SELECT i, 'job', {group}, {user}, i, {Born} + i, {Born} + i FROM n
            """
        );
    }

    /// <summary>Takes ids from both sequences; the first of them.</summary>
    private static long Skip(ITransaction tx, int count)
    {
        var first = Math.Max(tx.NextId(Sequence.Resource), tx.NextId(Sequence.Snapshot));
        tx.Execute("UPDATE sequence SET value = @Last", new { Last = first + count });
        return first;
    }
}
