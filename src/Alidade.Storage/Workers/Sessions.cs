using System.Text.Json;
using Alidade.Engine.Jobs;
using Alidade.Engine.Protocol;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Workers;

/// <summary>A session as it begins: what of the presented work is no longer the worker's, and the jobs that moved.</summary>
public sealed record Registered(long Session, IReadOnlyList<long> Stop, IReadOnlyList<Moved> Moved);

/// <summary>Another folder speaks for this worker: it was copied, and two that are one would lose each other's jobs.</summary>
public sealed class WorkerElsewhereException(string worker, string host)
    : Exception(
        $"The worker {worker} runs on {host} from another data folder, and its session is alive. Begin with an empty data "
            + $"folder here, and it is a worker of its own. If the other is gone, wait until it has been silent for "
            + $"{Timing.Lease / Timing.Second} s."
    );

/// <summary>What a renewal led to; <see cref="Reply"/> is null when the session has ended.</summary>
public sealed record Renewal(RenewReply? Reply, IReadOnlyList<Moved> Moved);

/// <summary>The leases: registration with adoption, renewal by list, leaving.</summary>
public static class Sessions
{
    /// <summary>
    /// Begins a session and ends the worker's earlier one. Presented attempts go on under the new session; those of
    /// earlier sessions that are not presented are lost at once.
    /// </summary>
    /// <param name="secret">Digest of the session's secret.</param>
    /// <exception cref="WorkerElsewhereException">The earlier session is alive, and of another folder.</exception>
    public static Registered Register(ITransaction tx, TokenRow token, SessionRequest request, string secret)
    {
        var worker = Worker(tx, token.Pool, request);
        RequireHere(tx, worker, request);
        tx.Execute(
            "UPDATE worker_session SET state = 'replaced', ended = @Now WHERE worker = @Worker AND ended IS NULL",
            new { tx.Now, Worker = worker }
        );
        var session = Insert(tx, token, worker, request, secret);
        tx.Execute("UPDATE worker_token SET used = @Now WHERE id = @Id", new { tx.Now, token.Id });
        var owned = tx.Query<AttemptRow>(
            "SELECT * FROM attempt WHERE worker = @Worker AND state IN ('granted', 'running') ORDER BY job",
            new { Worker = worker }
        );
        tx.Execute(
            "UPDATE attempt SET session = @Session WHERE worker = @Worker AND state IN ('granted', 'running')",
            new { Session = session, Worker = worker }
        );
        var present = new LiveList(request.Attempts);
        var moved = owned.Select(a => present.Has(a) ? Adopt(tx, a, present) : Gone(tx, a)).OfType<Moved>().ToList();
        return new Registered(session, present.NotAmong(owned), moved);
    }

    /// <summary>
    /// Keeps the lease. An attempt missing from two lists in a row is gone although its worker lives.
    /// </summary>
    /// <param name="load">JSON: what the worker's machine does; null when it does not say.</param>
    public static Renewal Renew(ITransaction tx, long session, IReadOnlyList<LiveAttempt> attempts, string? load = null)
    {
        if (AskLocked(tx, session).First is not { Ended: null } row)
        {
            return new Renewal(null, []);
        }

        tx.Execute(
            "UPDATE worker_session SET seen = @Now, load = @Load WHERE id = @Session",
            new
            {
                tx.Now,
                Load = load,
                Session = session,
            }
        );
        var owned = tx.Query<AttemptRow>(
            """
            SELECT * FROM attempt WHERE worker = @Worker AND session = @Session AND state IN ('granted', 'running')
            ORDER BY job
            """,
            new { row.Worker, Session = session }
        );
        var present = new LiveList(attempts);
        var moved = owned.Select(a => present.Has(a) ? Adopt(tx, a, present) : Miss(tx, a)).OfType<Moved>().ToList();
        var cancel = tx.Query<long>(
            """
            SELECT a.id FROM attempt a JOIN job j ON j.id = a.job
            WHERE a.worker = @Worker AND a.session = @Session AND a.state IN ('granted', 'running')
                AND j.state = 'cancelling'
            ORDER BY a.id
            """,
            new { row.Worker, Session = session }
        );
        return new Renewal(new RenewReply(present.NotAmong(owned), cancel, row.IsDraining), moved);
    }

    /// <summary>The worker goes. Its attempts stay its own until it returns or the time of silence has passed.</summary>
    public static bool Leave(ITransaction tx, long session) =>
        tx.Execute(
            "UPDATE worker_session SET state = 'left', ended = @Now WHERE id = @Session AND ended IS NULL",
            new { tx.Now, Session = session }
        ) == 1;

    /// <summary>No grant after this.</summary>
    public static bool Drain(ITransaction tx, long session) =>
        tx.Execute(
            "UPDATE worker_session SET state = 'draining' WHERE id = @Session AND ended IS NULL",
            new { Session = session }
        ) == 1;

    /// <summary>Takes a drain back.</summary>
    public static bool Resume(ITransaction tx, long session) =>
        tx.Execute(
            "UPDATE worker_session SET state = 'active' WHERE id = @Session AND ended IS NULL AND state = 'draining'",
            new { Session = session }
        ) == 1;

    internal static Answer<SessionRow> AskLocked(ITransaction tx, long session) =>
        tx.Ask<SessionRow>(
            "SELECT * FROM worker_session WHERE id = @Session" + JobRow.ForUpdate(tx),
            new { Session = session }
        );

    /// <summary>A granted attempt that never began goes back to the queue; one that ran is lost.</summary>
    internal static Moved? Gone(
        ITransaction tx,
        AttemptRow attempt,
        string message = "Its process is gone and left no report."
    )
    {
        var job = JobRow.Lock(tx, attempt.Job)!;
        var change =
            job.JobState == JobState.Claimed
                ? new Change(JobEvent.StartDeadline, "clock", Message: "The worker does not have it.")
                : new Change(JobEvent.Lost, "clock", Message: message);
        return JobMoves.Move(tx, job, change);
    }

    private static Moved? Adopt(ITransaction tx, AttemptRow attempt, LiveList present)
    {
        var phase = present.Phase(attempt);
        if (phase != attempt.Phase || attempt.MissedSince is not null)
        {
            tx.Execute(
                "UPDATE attempt SET phase = @Phase, missed_since = NULL WHERE id = @Id",
                new { Phase = phase, attempt.Id }
            );
        }

        return JobMoves.Move(tx, attempt.Job, new Change(JobEvent.Renewed, "worker"));
    }

    private static Moved? Miss(ITransaction tx, AttemptRow attempt)
    {
        if (attempt.MissedSince is { } since)
        {
            return tx.Now - since >= Timing.BetweenMisses ? Gone(tx, attempt) : null;
        }

        tx.Execute("UPDATE attempt SET missed_since = @Now WHERE id = @Id", new { tx.Now, attempt.Id });
        return null;
    }

    private static long Worker(ITransaction tx, long pool, SessionRequest request) =>
        tx.Scalar<long>(
            """
            INSERT INTO worker (pool, name, host, created) VALUES (@Pool, @Worker, @Host, @Now)
            ON CONFLICT (pool, name) DO UPDATE SET name = excluded.name RETURNING id
            """,
            new
            {
                Pool = pool,
                request.Worker,
                request.Host,
                tx.Now,
            }
        );

    /// <summary>
    /// An agent that was killed comes back at once; another than it only when the lease has run out. On one running machine
    /// the folder tells them apart, on two, and for agents that do not say where they are, the name of the host.
    /// </summary>
    private static void RequireHere(ITransaction tx, long worker, SessionRequest request)
    {
        var elsewhere = tx.First<string>(
            """
            SELECT w.host FROM worker w JOIN worker_session s ON s.worker = w.id
            WHERE w.id = @Worker AND s.ended IS NULL AND s.seen > @Since
                AND CASE WHEN w.boot = @Boot THEN w.folder <> @Folder ELSE w.host <> @Host END
            """,
            new
            {
                Worker = worker,
                request.Host,
                request.Place?.Boot,
                request.Place?.Folder,
                Since = tx.Now - Timing.Lease,
            }
        );
        if (elsewhere is not null)
        {
            throw new WorkerElsewhereException(request.Worker, elsewhere);
        }

        tx.Execute(
            "UPDATE worker SET host = @Host, boot = @Boot, folder = @Folder WHERE id = @Worker",
            new
            {
                Worker = worker,
                request.Host,
                request.Place?.Boot,
                request.Place?.Folder,
            }
        );
    }

    private static long Insert(ITransaction tx, TokenRow token, long worker, SessionRequest request, string secret) =>
        tx.Scalar<long>(
            """
            INSERT INTO worker_session (worker, pool, token, secret, queues, slots, labels, levels, version, data_folders, state,
                created, seen, cpu, memory, gpus, shared)
            VALUES (@Worker, @Pool, @Token, @Secret, @Queues, @Slots, @Labels, @Levels, @Version, @DataFolders, 'active',
                @Now, @Now, @Cpu, @Memory, @Gpus, @Shared)
            RETURNING id
            """,
            new
            {
                Worker = worker,
                token.Pool,
                Token = token.Id,
                Secret = secret,
                Queues = JsonSerializer.Serialize(request.Queues),
                request.Slots,
                Labels = JsonSerializer.Serialize(request.Labels),
                Levels = JsonSerializer.Serialize(request.Levels),
                request.Version,
                DataFolders = JsonSerializer.Serialize(request.DataFolders ?? []),
                tx.Now,
                Cpu = (long)Math.Round((request.Resources?.Cpu ?? 0) * 1000),
                Memory = request.Resources?.Memory ?? 0,
                Gpus = request.Resources?.Gpus ?? 0,
                Shared = request.IsShared ? 1 : 0,
            }
        );

    /// <summary>What a worker says it runs, by attempt and fence.</summary>
    private sealed class LiveList(IReadOnlyList<LiveAttempt> attempts)
    {
        private readonly Dictionary<(long, long), string> _phases = attempts
            .DistinctBy(a => (a.Attempt, a.Fence))
            .ToDictionary(a => (a.Attempt, a.Fence), a => a.Phase);

        public bool Has(AttemptRow attempt) => _phases.ContainsKey((attempt.Id, attempt.Fence));

        public string Phase(AttemptRow attempt) => _phases[(attempt.Id, attempt.Fence)];

        public IReadOnlyList<long> NotAmong(IReadOnlyList<AttemptRow> owned) =>
            [.. _phases.Keys.Except(owned.Select(a => (a.Id, a.Fence))).Select(key => key.Item1).Distinct().Order()];
    }
}
