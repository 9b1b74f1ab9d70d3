using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Jobs;

/// <summary>What a job makes of the end of a job it comes after.</summary>
public enum AfterPolicy
{
    /// <summary>It runs when that one finished, and fails when it did not.</summary>
    Finished,

    /// <summary>It runs when that one finished, and is skipped when it did not.</summary>
    Skip,

    /// <summary>It runs however that one ended.</summary>
    Any,
}

/// <summary>Jobs that were told of the end of one they come after.</summary>
/// <param name="More">There are more to be told.</param>
public sealed record Settled(IReadOnlyList<Moved> Moved, bool More);

/// <summary>
/// Jobs that come after others. A job can only come after jobs that are there when it is submitted, so there is no cycle.
/// The end of a job costs nothing unless somebody waits for it; then a note is left in the same transaction, and its
/// followers are told in batches.
/// </summary>
public static class Dependents
{
    private const int MostTold = 200;

    /// <summary>Tells followers of jobs that have ended, a bounded number at a time.</summary>
    public static Settled Settle(ITransaction tx)
    {
        var moved = new List<Moved>();
        for (var told = 0; told < MostTold; )
        {
            if (NextEnded(tx) is not { } ended)
            {
                return new Settled(moved, false);
            }

            var followers = Followers(tx, ended, MostTold - told);
            moved.AddRange(followers.Select(f => Tell(tx, ended, f)).OfType<Moved>());
            told += followers.Count + 1;
            if (followers.Count == 0)
            {
                tx.Execute("DELETE FROM job_settled WHERE job = @Id", new { ended.Id });
            }
        }

        return new Settled(moved, true);
    }

    /// <summary>Which jobs each of these comes after.</summary>
    public static ILookup<long, long> All(ISession read, IReadOnlyList<long> jobs) => Find(read, jobs, "");

    /// <summary>Those of them that have not ended.</summary>
    public static ILookup<long, long> Open(ISession read, IReadOnlyList<long> jobs) =>
        Find(
            read,
            jobs,
            "AND open = 1 AND NOT EXISTS (SELECT 1 FROM job e WHERE e.id = after_job AND e.ended IS NOT NULL)"
        );

    private static ILookup<long, long> Find(ISession read, IReadOnlyList<long> jobs, string which) =>
        read.Query<Follower>(
                $"SELECT job, after_job FROM job_after WHERE job = ANY(@Jobs) {which} ORDER BY job, after_job",
                new { Jobs = jobs as long[] ?? [.. jobs] }
            )
            .ToLookup(f => f.Job, f => f.AfterJob);

    /// <summary>Notes what a new job comes after.</summary>
    /// <returns>How many of them it has to wait for.</returns>
    internal static int Await(ITransaction tx, long job, IReadOnlyList<long> after, AfterPolicy policy)
    {
        var waits = 0;
        // In order, so that two submits never hold what the other needs.
        foreach (var id in after.Order())
        {
            var earlier = JobRow.Lock(tx, id) ?? throw new ArgumentException($"There is no job {id}.", nameof(after));
            var open = !earlier.JobState.IsTerminal() || !IsMet(earlier, policy);
            waits += open ? 1 : 0;
            tx.Execute(
                "INSERT INTO job_after (job, after_job, policy, open) VALUES (@Job, @After, @Policy, @Open)",
                new
                {
                    Job = job,
                    After = id,
                    Policy = Word(policy),
                    Open = open ? 1 : 0,
                }
            );
            if (open)
            {
                tx.Execute("UPDATE job SET awaited = 1 WHERE id = @Id AND awaited = 0", new { Id = id });
                Ended(tx, earlier with { Awaited = 1 });
            }
        }

        return waits;
    }

    /// <summary>Leaves the note that followers are to be told, if the job has ended and has any.</summary>
    internal static void Ended(ITransaction tx, JobRow job)
    {
        if (job.Awaited != 0 && job.JobState.IsTerminal())
        {
            tx.Send("INSERT INTO job_settled (job) VALUES (@Id) ON CONFLICT (job) DO NOTHING", new { job.Id });
        }
    }

    /// <summary>The first job whose followers are to be told; one that was queued again in the meantime is passed over.</summary>
    private static JobRow? NextEnded(ITransaction tx)
    {
        var skip = tx.Dialect == Dialect.Postgres ? " FOR UPDATE SKIP LOCKED" : "";
        while (tx.First<long?>("SELECT job FROM job_settled ORDER BY job LIMIT 1" + skip) is { } id)
        {
            if (JobRow.Lock(tx, id) is { } job && job.JobState.IsTerminal())
            {
                return job;
            }

            tx.Execute("DELETE FROM job_settled WHERE job = @Id", new { Id = id });
        }

        return null;
    }

    private static IReadOnlyList<Follower> Followers(ITransaction tx, JobRow ended, int most) =>
        tx.Query<Follower>(
            $"SELECT job, policy FROM job_after WHERE after_job = @Id AND open = 1 ORDER BY job LIMIT {most}",
            new { ended.Id }
        );

    private static Moved? Tell(ITransaction tx, JobRow ended, Follower follower)
    {
        tx.Execute(
            "UPDATE job_after SET open = 0 WHERE job = @Job AND after_job = @Id",
            new { follower.Job, ended.Id }
        );
        if (JobRow.Lock(tx, follower.Job) is not { Waits: > 0 } job || job.JobState != JobState.Scheduled)
        {
            return null;
        }

        var policy = Policy(follower.Policy);
        if (!IsMet(ended, policy))
        {
            var why = $"Job {ended.Id}, which it comes after, {Said(ended)}.";
            var happened = policy == AfterPolicy.Skip ? JobEvent.Skip : JobEvent.DependencyFailed;
            return JobMoves.Move(tx, job, new Change(happened, "clock", Reasons.Dependency, why));
        }

        job = job with { Waits = job.Waits - 1 };
        tx.Execute("UPDATE job SET waits = @Waits WHERE id = @Id", new { job.Id, job.Waits });
        return job.Waits == 0 && job.RunAt <= tx.Now ? JobMoves.Move(tx, job, new Change(JobEvent.Due, "clock")) : null;
    }

    private static bool IsMet(JobRow ended, AfterPolicy policy) =>
        policy == AfterPolicy.Any || ended.JobState == JobState.Finished;

    private static string Said(JobRow ended) =>
        ended.JobState switch
        {
            JobState.Failed => "failed",
            JobState.Skipped => "was skipped",
            _ => "was cancelled",
        };

    private static string Word(AfterPolicy policy) => policy.ToString().ToLowerInvariant();

    private static AfterPolicy Policy(string word) => Enum.Parse<AfterPolicy>(word, ignoreCase: true);

    private sealed record Follower
    {
        public long Job { get; init; }
        public long AfterJob { get; init; }
        public string Policy { get; init; } = "";
    }
}
