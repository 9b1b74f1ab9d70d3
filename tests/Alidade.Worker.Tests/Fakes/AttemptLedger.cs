using System.Collections.Concurrent;
using System.Globalization;
using Alidade.Engine.Protocol;

namespace Alidade.Worker.Tests.Fakes;

/// <summary>What the fake server knows of attempts: which wait, who owns them, how they ended.</summary>
internal sealed class AttemptLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, ServerAttempt> _attempts = [];
    private readonly Queue<ServerAttempt> _waiting = new();
    private TaskCompletionSource _changed = new();
    private long _lastId;

    /// <summary>The session that is valid; every other is gone.</summary>
    public long Session { get; private set; }

    public ConcurrentQueue<SessionRequest> Registrations { get; } = new();

    public bool Drains { get; set; }

    public int MostOwned { get; private set; }

    public bool HasLeft { get; private set; }

    public void EndSession() => Session++;

    /// <summary>Queues an attempt for the next claim.</summary>
    public ServerAttempt Submit(Func<long, Grant> grant)
    {
        lock (_gate)
        {
            var attempt = new ServerAttempt(grant(++_lastId));
            _attempts.Add(_lastId, attempt);
            _waiting.Enqueue(attempt);
            Changed();
            return attempt;
        }
    }

    /// <summary>Waits for something that follows from requests; the limit only ends a test that hangs.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (condition())
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(limit.Token);
        }
    }

    public SessionReply Register(SessionRequest request, Intervals intervals)
    {
        lock (_gate)
        {
            Registrations.Enqueue(request);
            Session++;
            var stop = new List<long>();
            foreach (var presented in request.Attempts)
            {
                if (_attempts.TryGetValue(presented.Attempt, out var attempt) && Owns(attempt, presented.Fence))
                {
                    attempt.Owner = Session;
                }
                else
                {
                    stop.Add(presented.Attempt);
                }
            }

            return new SessionReply(Session, $"secret-{Session}", intervals, stop);
        }
    }

    private static bool Owns(ServerAttempt attempt, long fence) =>
        attempt is { Owner: not null, End: null } && attempt.Grant.Fence == fence;

    public object Leave()
    {
        HasLeft = true;
        return new { };
    }

    public async Task<object> ClaimAsync(ClaimRequest request, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(request.WaitSeconds));
        while (!limit.IsCancellationRequested)
        {
            Task changed;
            lock (_gate)
            {
                if (Drains)
                {
                    return new WorkerRefusal("draining", "The worker is being drained.");
                }

                if (Granted(request.Free) is { Count: > 0 } grants)
                {
                    return new ClaimReply(grants);
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(limit.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        return new ClaimReply([]);
    }

    private List<Grant> Granted(int free)
    {
        var grants = new List<Grant>();
        while (grants.Count < free && _waiting.TryDequeue(out var attempt))
        {
            attempt.Owner = Session;
            grants.Add(attempt.Grant);
            MostOwned = Math.Max(MostOwned, _attempts.Values.Count(a => a is { Owner: not null, End: null }));
        }

        return grants;
    }

    public RenewReply Renew(RenewRequest request)
    {
        lock (_gate)
        {
            Drains |= request.Draining;
            var known = request.Attempts.ToLookup(live => Owns(_attempts[live.Attempt], live.Fence));
            return new RenewReply(
                [.. known[false].Select(live => live.Attempt)],
                [.. known[true].Where(live => _attempts[live.Attempt].CancelRequested).Select(live => live.Attempt)],
                Drains
            );
        }
    }

    /// <summary>What is claimed with a reply that is lost the real server takes back after two renewals.</summary>
    public object Finish(ServerAttempt attempt, FinishRequest report, bool loseReply)
    {
        lock (_gate)
        {
            attempt.Reports.Add(report);
            if (attempt.End is { } end && end.Report == report.Report)
            {
                return new FinishReply(end.Outcome);
            }

            if (attempt.Events.Count < report.LastEvent)
            {
                return new WorkerRefusal("events_missing", "Send them first.", attempt.Events.Count);
            }

            if (!Owns(attempt, report.Fence))
            {
                return new WorkerRefusal("stale_attempt", "Not yours.");
            }

            attempt.End = report;
            return new FinishReply(report.Outcome, report.Claim && !Drains && !loseReply ? Granted(1) : null);
        }
    }

    public static object Release(ServerAttempt attempt)
    {
        (attempt.Released, attempt.Owner) = (true, null);
        return new { };
    }

    public ServerAttempt Find(string id) => _attempts[long.Parse(id, CultureInfo.InvariantCulture)];

    /// <summary>Whoever waits for something looks again.</summary>
    public void Tell()
    {
        lock (_gate)
        {
            Changed();
        }
    }

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
