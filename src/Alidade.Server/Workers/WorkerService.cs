using System.Text.Json;
using Alidade.Engine.Protocol;
using Alidade.Server.Jobs;
using Alidade.Server.Users;
using Alidade.Server.Workers.Events;
using Alidade.Storage.Jobs;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>The worker protocol between HTTP and the database.</summary>
public sealed class WorkerService(
    Stores stores,
    UserService users,
    JobSignals signals,
    ClaimWaiters waiters,
    TimeProvider time
)
{
    private const double LongestWait = 60;
    private const int MostSlots = 10_000;
    private const int LongestTraceback = 512 * 1024;
    private const string WrongAttempts = "attempts must list each live attempt with its fence and phase.";

    /// <summary>Where nothing wakes a waiting worker, such as a job that another server took in, it looks this often.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A renewal also brings cancellations, so few workers renew often; many share at most 50 renewals a second until
    /// the usual interval is reached.
    /// </summary>
    private static Intervals IntervalsFor(long sessions) =>
        new(
            Renew: Math.Clamp(sessions / 50.0, 2, Timing.Renew / (double)Timing.Second),
            ClaimWait: 25,
            Lease: Timing.Lease / (double)Timing.Second,
            LostAfter: Timing.LostAfter / (double)Timing.Second
        );

    public async Task<SessionReply> RegisterAsync(
        TokenRow token,
        SessionRequest request,
        CancellationToken cancellation
    )
    {
        Check(request);
        var random = WorkerCredential.NewSecret();
        var registered = await stores.Core.WriteAsync(
            tx => Sessions.Register(tx, token, request, Pools.Digest(random)),
            cancellation: cancellation
        );
        signals.Publish(registered.Moved);
        var sessions = await stores.Core.ReadAsync(
            s => s.Scalar<long>("SELECT COUNT(*) FROM worker_session WHERE ended IS NULL"),
            cancellation
        );
        return new SessionReply(
            registered.Session,
            WorkerCredential.Join(registered.Session, random),
            IntervalsFor(sessions),
            registered.Stop
        );
    }

    /// <summary>Grants at once what there is, else when there is something or the wait is over.</summary>
    public async Task<ClaimReply> ClaimAsync(SessionRow session, ClaimRequest request, CancellationToken cancellation)
    {
        if (request.Free < 1 || !double.IsFinite(request.WaitSeconds))
        {
            throw WorkerRefused.Bad("free must be at least 1 and waitSeconds a number of seconds.");
        }

        var until = time.GetTimestamp();
        var wait = TimeSpan.FromSeconds(Math.Clamp(request.WaitSeconds, 0, LongestWait));
        while (true)
        {
            var queues = await stores.Core.ReadAsync(s => Serving.Of(s, session), cancellation);
            using var waiter = waiters.Join(queues.Serves);
            if (await stores.Core.ReadAsync(s => HasWork(s, queues.Ids), cancellation))
            {
                var grants = await GrantAsync(session, queues.Ids, request.Free, cancellation);
                if (grants.Count > 0)
                {
                    return new ClaimReply(grants);
                }
            }

            var left = wait - time.GetElapsedTime(until);
            if (left <= TimeSpan.Zero)
            {
                return new ClaimReply([]);
            }

            await WaitAsync(waiter, left < Poll ? left : Poll, cancellation);
            await RequireAliveAsync(session, cancellation);
        }
    }

    public async Task<RenewReply> RenewAsync(SessionRow session, RenewRequest request, CancellationToken cancellation)
    {
        var attempts = request.Attempts;
        if (!AreWhole(attempts))
        {
            throw WorkerRefused.Bad(WrongAttempts);
        }

        var renewal = await stores.Core.WriteAsync(
            tx => Sessions.Renew(tx, session.Id, attempts),
            cancellation: cancellation
        );
        signals.Publish(renewal.Moved);
        return renewal.Reply ?? throw WorkerRefused.Gone();
    }

    public Task LeaveAsync(SessionRow session, CancellationToken cancellation) =>
        stores.Core.WriteAsync(tx => Sessions.Leave(tx, session.Id), cancellation: cancellation);

    public async Task<FinishReply> FinishAsync(
        SessionRow session,
        long attempt,
        FinishRequest report,
        CancellationToken cancellation
    )
    {
        Check(report);
        report = Storable(report);
        var acked = await stores.Series.ReadAsync(s => EventCursor.Acked(s, attempt), cancellation);
        if (acked < report.LastEvent)
        {
            var owned = await stores.Core.ReadAsync(
                s => JobReports.Find(s, attempt, session.Id, report.Fence),
                cancellation
            );
            throw owned is null ? WorkerRefused.Stale() : WorkerRefused.Missing(acked);
        }

        var reported = await stores.Core.WriteAsync(
            tx => JobReports.Finish(tx, attempt, session.Id, report),
            cancellation: cancellation
        );
        signals.Publish(reported.Moved);
        return reported.Stale ? throw WorkerRefused.Stale() : new FinishReply(reported.State);
    }

    public async Task ReleaseAsync(SessionRow session, long attempt, long fence, CancellationToken cancellation)
    {
        var reported = await stores.Core.WriteAsync(
            tx => JobReports.Release(tx, attempt, session.Id, fence),
            cancellation: cancellation
        );
        signals.Publish(reported.Moved);
        if (reported.Stale)
        {
            throw WorkerRefused.Stale();
        }
    }

    private async Task<IReadOnlyList<Grant>> GrantAsync(
        SessionRow session,
        long[] queues,
        int free,
        CancellationToken cancellation
    )
    {
        var claimed =
            await stores.Core.WriteAsync(tx => JobClaim.Claim(tx, session.Id, queues, free), cancellation: cancellation)
            ?? throw WorkerRefused.Gone();
        signals.Publish(claimed.Moved);
        // One user may run unguarded what is theirs anyway; among several, nobody's code may reach another's.
        var isolation = await users.AreSeveralAsync(cancellation) ? "L1" : "L0";
        return [.. claimed.Grants.Select(g => GrantOf(g.Job, g.Detail, isolation))];
    }

    private static Grant GrantOf(JobRow job, JobDetail detail, string isolation) =>
        new(
            job.Attempt!.Value,
            job.Id,
            job.Attempts,
            job.Fence,
            detail.Run,
            detail.Plan!,
            detail.PlanDigest!,
            JsonSerializer.Deserialize<GrantFile[]>(detail.Plugins, JsonSerializerOptions.Web)!,
            JsonSerializer.Deserialize<GrantFile[]>(detail.Inputs, JsonSerializerOptions.Web)!,
            detail.Seed,
            job.TimeLimit / (double)Timing.Second,
            isolation
        );

    /// <summary>Looking costs no place in the writer's line, so many idle workers cost little.</summary>
    private static bool HasWork(ISession read, long[] queues) =>
        read.Scalar<long>(
            "SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE queue = ANY(@Queues) AND state = 'queued' LIMIT 1) AS one",
            new { Queues = queues }
        ) > 0;

    private async Task WaitAsync(ClaimWaiters.Waiter waiter, TimeSpan most, CancellationToken cancellation)
    {
        try
        {
            await waiter.Woken.WaitAsync(most, time, cancellation);
        }
        catch (TimeoutException)
        {
            return;
        }
    }

    private async Task RequireAliveAsync(SessionRow session, CancellationToken cancellation)
    {
        if (await stores.Core.ReadAsync(s => SessionReader.Find(s, session.Id), cancellation) is not { Ended: null })
        {
            throw WorkerRefused.Gone();
        }
    }

    private static void Check(SessionRequest r)
    {
        var wrong =
            string.IsNullOrWhiteSpace(r.Worker) || r.Worker.Length > 200
                ? "worker needs a name of up to 200 characters."
            : r.Host is null || r.Host.Length > 300 ? "host is missing or longer than 300 characters."
            : r.Queues is null or { Count: 0 or > 1000 } || r.Queues.Any(q => string.IsNullOrEmpty(q) || q.Length > 300)
                ? "queues must name at least one queue."
            : r.Slots is < 1 or > MostSlots ? $"slots must be from 1 to {MostSlots}."
            : r.Labels is null || r.Levels is null || r.Version is null ? "labels, levels and version are required."
            : !AreWhole(r.Attempts) ? WrongAttempts
            : null;
        if (wrong is not null)
        {
            throw WorkerRefused.Bad(wrong);
        }
    }

    private static bool AreWhole(IReadOnlyList<LiveAttempt>? attempts) =>
        attempts is { Count: <= MostSlots } && attempts.All(a => a?.Phase is { Length: > 0 and <= 50 });

    /// <summary>User code writes these texts; whatever is in them, the end of the attempt must be taken.</summary>
    private static FinishRequest Storable(FinishRequest r) =>
        r with
        {
            Reason = Names.Clip(r.Reason),
            Step = Names.Clip(r.Step),
            Message = r.Message is null ? null : Names.Storable(r.Message),
            Traceback = r.Traceback is null ? null : Names.Storable(r.Traceback, LongestTraceback),
        };

    private static void Check(FinishRequest r)
    {
        var wrong =
            string.IsNullOrEmpty(r.Report) || r.Report.Length > 100 ? "report needs up to 100 characters."
            : r.Outcome is not ("finished" or "failed" or "cancelled" or "lost")
                ? "outcome must be finished, failed, cancelled or lost."
            : r.LastEvent < 0 ? "lastEvent must not be negative."
            : null;
        if (wrong is not null)
        {
            throw WorkerRefused.Bad(wrong);
        }
    }

    /// <summary>The queues a session serves, and which of all queues it knew when it looked.</summary>
    private sealed record Serving(long[] Ids, HashSet<long> Known)
    {
        public static Serving Of(ISession read, SessionRow session)
        {
            var all = QueueDirectory.All(read);
            var pool = Pools.Find(read, session.Pool)!;
            var watched = QueueDirectory.Parse(session.Queues);
            var ids = QueueDirectory.Served(all, watched, pool.QueueNames, Pools.Groups(read, pool.Id));
            return new Serving(ids, [.. all.Select(q => q.Id)]);
        }

        /// <summary>A queue that is newer than this look may be served too.</summary>
        public bool Serves(long queue) => Array.IndexOf(Ids, queue) >= 0 || !Known.Contains(queue);
    }
}
