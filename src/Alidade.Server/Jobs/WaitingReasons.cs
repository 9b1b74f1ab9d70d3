using System.Globalization;
using Alidade.Engine.Jobs;
using Alidade.Server.Workers;
using Alidade.Storage.Jobs;
using Alidade.Storage.Workers;

namespace Alidade.Server.Jobs;

/// <summary>Why a job does not run yet, from the facts of this moment, with what to do about it.</summary>
public sealed class WaitingReasons(TimeProvider time)
{
    private const int MostCounted = 1000;

    public IReadOnlyDictionary<long, string> Explain(ISession s, IReadOnlyList<JobRow> jobs)
    {
        var open = jobs.Where(j => !j.JobState.IsTerminal() && j.JobState != JobState.Running).ToList();
        if (open.Count == 0)
        {
            return new Dictionary<long, string>();
        }

        var facts = open.Any(j => j.JobState == JobState.Queued) ? Facts.Load(s) : null;
        return open.ToDictionary(j => j.Id, j => Explain(s, j, facts));
    }

    private string Explain(ISession s, JobRow job, Facts? facts) =>
        job.JobState switch
        {
            JobState.Queued => Queued(s, job, facts!),
            JobState.Scheduled => Scheduled(job),
            JobState.Claimed => "A worker prepares it.",
            JobState.Unreachable =>
                $"Its worker has been silent since {Clock(job.Modified - Timing.Lease)}; it is taken away after "
                    + $"{Span(job.LostAfter)} of silence.",
            _ => "Its worker was told to end it and has not confirmed yet.",
        };

    private string Scheduled(JobRow job) =>
        job.RunAt - Now() > 400L * 86400 * Timing.Second ? "It is held back. Reset it to let it run."
        : job.Reason is null ? $"It begins at {Clock(job.RunAt)}."
        : $"It is tried again at {Clock(job.RunAt)}, because: {job.Message ?? job.Reason}";

    private string Queued(ISession s, JobRow job, Facts facts)
    {
        var name = facts.NameOf(job.Queue);
        var workers = facts.Serving(job.Queue);
        if (workers.Count == 0)
        {
            return $"No worker watches the queue {name}. Start one with: "
                + $"alidade worker --server URL --token TOKEN --queue {Quoted(name)}";
        }

        var ahead = Ahead(s, job);
        var behind = ahead == 0 ? "It is the next." : $"{ahead} jobs are ahead of it.";
        var heard = workers.Where(w => w.Seen > Now() - Timing.Lease).ToList();
        if (heard.Count == 0)
        {
            var last = workers.MaxBy(w => w.Seen)!;
            return $"Worker {last.Name} of the queue {name} has been silent since {Clock(last.Seen)}.";
        }

        var (busy, slots) = (heard.Sum(w => w.Busy), heard.Sum(w => w.Slots));
        return heard.All(w => w.State == "draining") ? $"The workers of the queue {name} are being drained. {behind}"
            : busy >= slots ? $"All workers of the queue {name} are busy ({busy} of {slots} slots). {behind}"
            : $"A worker is about to take it. {behind}";
    }

    private static long Ahead(ISession s, JobRow job) =>
        s.Scalar<long>(
            $"""
            SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE queue = @Queue AND state = 'queued'
                AND (rank < @Rank OR (rank = @Rank AND id < @Id)) LIMIT {MostCounted}) AS ahead
            """,
            new
            {
                job.Queue,
                job.Rank,
                job.Id,
            }
        );

    private static string Quoted(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? name
            : "'" + name.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string Clock(long micros) =>
        DateTimeOffset
            .UnixEpoch.AddTicks(micros * 10)
            .ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Span(long micros) =>
        micros % (60 * Timing.Second) == 0 ? $"{micros / (60 * Timing.Second)} min" : $"{micros / Timing.Second} s";

    private long Now() => (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    /// <summary>The workers there are and which queues each serves.</summary>
    private sealed class Facts(
        IReadOnlyList<QueueName> queues,
        IReadOnlyList<(WorkerRow Worker, HashSet<long> Queues)> workers
    )
    {
        public static Facts Load(ISession s)
        {
            var queues = QueueDirectory.All(s);
            var groups = new Dictionary<long, IReadOnlyList<long>>();
            var workers = SessionReader
                .Live(s)
                .Select(w => (w, QueueDirectory.Served(queues, w, GroupsOf(s, groups, w.Pool)).ToHashSet()))
                .ToList();
            return new Facts(queues, workers);
        }

        public string NameOf(long queue) => queues.FirstOrDefault(q => q.Id == queue)?.Name ?? "";

        public IReadOnlyList<WorkerRow> Serving(long queue) =>
            [.. workers.Where(w => w.Queues.Contains(queue)).Select(w => w.Worker)];

        private static IReadOnlyList<long> GroupsOf(
            ISession s,
            Dictionary<long, IReadOnlyList<long>> known,
            long pool
        ) => known.TryGetValue(pool, out var groups) ? groups : known[pool] = Pools.Groups(s, pool);
    }
}
