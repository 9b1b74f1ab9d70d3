using System.Collections.Concurrent;
using System.Text.Json;
using Alidade.Engine.Jobs;
using Alidade.Engine.Protocol;
using Alidade.Server.Jobs;
using Alidade.Server.Platform.Security;
using Alidade.Server.Users;
using Alidade.Server.Workers.Events;
using Alidade.Storage.Jobs;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <summary>The worker protocol between HTTP and the database.</summary>
public sealed partial class WorkerService(
    Stores stores,
    JobSignals signals,
    ClaimWaiters waiters,
    QueueCache queues,
    TimeProvider time,
    ILogger<WorkerService> logger
)
{
    private const double LongestWait = 60;
    private const int MostSlots = 10_000;
    private const double MostCpu = 100_000;
    private const long MostMemory = 1L << 50;
    private const int LongestTraceback = 512 * 1024;
    private const long TokenLifetime = 15 * 60 * Timing.Second;
    private const string WrongAttempts = "attempts must list each live attempt with its fence and phase.";

    /// <summary>Lanes never change, so those that were seen need not be read to wake the right worker.</summary>
    private readonly ConcurrentDictionary<long, LaneRow> _lanes = new();

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
        var registered = await RegisterAsync(token, request, Pools.Digest(random), cancellation);
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

    private async Task<Registered> RegisterAsync(
        TokenRow token,
        SessionRequest request,
        string secret,
        CancellationToken cancellation
    )
    {
        try
        {
            return await stores.Core.WriteAsync(
                tx => Sessions.Register(tx, token, request, secret),
                cancellation: cancellation
            );
        }
        catch (WorkerElsewhereException e)
        {
            Elsewhere(request.Host, e.Message);
            throw WorkerRefused.Elsewhere(e.Message);
        }
    }

    /// <summary>Says what a token is for, without beginning a session.</summary>
    public async Task<TokenReply> DescribeAsync(TokenRow token, CancellationToken cancellation)
    {
        var pool = await stores.Core.ReadAsync(s => Pools.Find(s, token.Pool)!, cancellation);
        return new TokenReply(token.Name, pool.QueueNames, pool.DataFolders);
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
            var serving = await stores.Core.ReadAsync(s => Serving.Of(s, session, queues), cancellation);
            using var waiter = waiters.Join(session.Id, (queue, lane) => serving.Serves(queue) && Fits(serving, lane));
            var waiting = await stores.Core.ReadAsync(Lanes.WithWork, cancellation);
            foreach (var lane in waiting)
            {
                _lanes.TryAdd(lane.Id, lane);
            }

            if (serving.Open(waiting) is { Count: > 0 } ready)
            {
                var grants = await GrantAsync(session, ready, request.Free, cancellation);
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
            await RequireWantedAsync(session, cancellation);
        }
    }

    public async Task<RenewReply> RenewAsync(SessionRow session, RenewRequest request, CancellationToken cancellation)
    {
        var attempts = request.Attempts;
        if (!AreWhole(attempts))
        {
            throw WorkerRefused.Bad(WrongAttempts);
        }

        var load = request.Load is { } said ? JsonSerializer.Serialize(said, JsonSerializerOptions.Web) : null;
        var renewal = await stores.Core.WriteAsync(
            tx =>
            {
                if (request.Draining)
                {
                    Sessions.Drain(tx, session.Id);
                }

                return Sessions.Renew(tx, session.Id, attempts, load);
            },
            cancellation: cancellation
        );
        signals.Publish(renewal.Moved);
        if (request.Draining)
        {
            waiters.Dismiss(session.Id);
        }

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

        var ready = report.Claim ? await stores.Core.ReadAsync(s => Ready(s, session), cancellation) : [];
        var (reported, claimed) = await stores.Core.WriteAsync(
            tx =>
            {
                var finished = JobReports.Finish(tx, attempt, session.Id, report);
                // A repeated report claims nothing: what the first one claimed is not known to the worker.
                var isNew = finished.Moved is not null;
                return (finished, isNew && ready.Count > 0 ? Claim(tx, session, ready, 1) : null);
            },
            cancellation: cancellation
        );
        signals.Publish(reported.Moved);
        if (reported.Stale)
        {
            throw WorkerRefused.Stale();
        }

        return new FinishReply(reported.State, claimed is null ? null : await GrantsAsync(claimed));
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

    /// <summary>A short-lived token: the agent asks for the next one while the attempt lives.</summary>
    public async Task<AttemptTokenReply> IssueTokenAsync(
        SessionRow session,
        long attempt,
        long fence,
        CancellationToken cancellation
    )
    {
        var token = Secret.New(AttemptScope.Prefix);
        var issued = await stores.Core.WriteAsync(
            tx => AttemptTokens.Issue(tx, session.Id, attempt, fence, Secret.Digest(token), tx.Now + TokenLifetime),
            cancellation: cancellation
        );
        return issued
            ? new AttemptTokenReply(token, TokenLifetime / (double)Timing.Second)
            : throw WorkerRefused.Stale();
    }

    private async Task<IReadOnlyList<Grant>> GrantAsync(
        SessionRow session,
        IReadOnlyList<LaneRow> lanes,
        int free,
        CancellationToken cancellation
    )
    {
        var claimed =
            await stores.Core.WriteAsync(tx => Claim(tx, session, lanes, free), cancellation: cancellation)
            ?? throw WorkerRefused.Gone();
        return await GrantsAsync(claimed);
    }

    /// <summary>
    /// One user may run unguarded what is theirs anyway; among several, nobody's code may reach another's.
    /// </summary>
    private static Guarded? Claim(ITransaction tx, SessionRow session, IReadOnlyList<LaneRow> lanes, int free)
    {
        var users = UserRows.AskSeveral(tx);
        return JobClaim.Claim(tx, session.Id, lanes, free, users) is { } claimed ? new(claimed, users.First > 1) : null;
    }

    private async Task<IReadOnlyList<Grant>> GrantsAsync(Guarded claimed)
    {
        signals.Publish(claimed.Claimed.Moved);
        foreach (var again in claimed.Claimed.Grants)
        {
            // Before the worker hears of it: from then on the run may get points of the new attempt. A server that dies
            // here leaves a grant that nobody heard of, and the next one comes by again.
            if (again.Kept is { } kept)
            {
                await stores.Series.WriteAsync(tx =>
                {
                    SeriesMove.Run(tx, again.Detail.Run, kept);
                    return true;
                });
            }
        }

        return [.. claimed.Claimed.Grants.Select(g => GrantOf(g.Job, g.Detail, claimed.AreSeveral))];
    }

    private static Grant GrantOf(JobRow job, JobDetail detail, bool several) =>
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
            several ? "L1c" : "L0",
            Network: !several,
            LostAfterSeconds: job.LostAfter / (double)Timing.Second,
            DataFolders: JsonSerializer.Deserialize<string[]>(detail.DataFolders)!,
            Secrets: JsonSerializer.Deserialize<string[]>(detail.Secrets)!
        );

    /// <summary>A lane nobody has looked at yet may fit any worker.</summary>
    private bool Fits(Serving serving, long? lane) =>
        lane is not { } id || !_lanes.TryGetValue(id, out var known) || serving.Fits(known);

    /// <summary>The lanes in which jobs wait that this session may have now.</summary>
    private IReadOnlyList<LaneRow> Ready(ISession s, SessionRow session) =>
        Lanes.WithWork(s) is { Count: > 0 } waiting ? Serving.Of(s, session, queues).Open(waiting) : [];

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

    /// <summary>The session lives, and wants more work.</summary>
    private async Task RequireWantedAsync(SessionRow session, CancellationToken cancellation)
    {
        var now = await stores.Core.ReadAsync(s => SessionReader.Find(s, session.Id), cancellation);
        if (now is not { Ended: null })
        {
            throw WorkerRefused.Gone();
        }

        if (now.IsDraining)
        {
            throw WorkerRefused.Draining();
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
            : r.Resources is { } has
            && !(has is { Cpu: >= 0 and <= MostCpu, Memory: >= 0 and <= MostMemory, Gpus: >= 0 and <= MostSlots })
                ? "resources must be a number of processors, bytes of memory and a number of GPUs."
            : r.DataFolders is { Count: > 1000 } || r.DataFolders?.All(NeedName.IsValid) == false
                ? $"dataFolders must be up to 1000 names that {NeedName.Rule}."
            : r.Place is { } at && !(at is { Boot.Length: > 0 and <= 100, Folder.Length: > 0 and <= 100 })
                ? "place must name boot and folder, each with up to 100 characters."
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

    private sealed record Guarded(Claimed Claimed, bool AreSeveral);

    /// <summary>Which queues a session serves, of those it knew when it looked.</summary>
    private sealed record Serving(
        IReadOnlyDictionary<long, QueueName> Known,
        IReadOnlyList<string> Watched,
        IReadOnlyList<string> Allowed,
        IReadOnlyList<long> Groups,
        Offer Offer,
        bool IsShut
    )
    {
        public static Serving Of(ISession read, SessionRow session, QueueCache queues) =>
            new(
                queues.All(read),
                QueueDirectory.Parse(session.Queues),
                Pools.Find(read, session.Pool)!.QueueNames,
                Pools.Groups(read, session.Pool),
                session.Offer,
                session.Shared == 0 && UserRows.AskSeveral(read).First > 1
            );

        /// <summary>
        /// The lanes this worker could take from; what it has free at the moment is asked when it claims.
        /// </summary>
        public IReadOnlyList<LaneRow> Open(IReadOnlyList<LaneRow> lanes) =>
            [.. lanes.Where(l => Serves(l.Queue) && Fits(l))];

        public bool Fits(LaneRow lane) => lane.Shape.Fits(Offer);

        /// <summary>A queue that is newer than this look may be served too; the next look tells.</summary>
        public bool Serves(long queue) =>
            !IsShut
            && (!Known.TryGetValue(queue, out var name) || QueueDirectory.Serves(name, Watched, Allowed, Groups));
    }

    [LoggerMessage(1, LogLevel.Warning, "{Host} was refused as a worker. {Reason}")]
    private partial void Elsewhere(string host, string reason);
}
