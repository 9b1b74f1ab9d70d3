using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Testing.Queue;

/// <summary>
/// Draws steps that suit the model's present state, and some that do not: late, repeated and reordered messages, wrong
/// fences, sessions of the past, clocks that are years off. The same seed draws the same steps.
/// </summary>
public sealed class StepSource(QueueModel model, int seed)
{
    private const long Second = Timing.Second;
    private const int Remembered = 30;
    private const int MostOpen = 25;

    private static readonly JobEvent[] UserEvents =
    [
        JobEvent.Cancel,
        JobEvent.Cancel,
        JobEvent.Requeue,
        JobEvent.Requeue,
        JobEvent.Hold,
        JobEvent.TakeOver,
        JobEvent.ExternalFinished,
        JobEvent.ExternalFailed,
    ];

    private static readonly string[] Outcomes =
    [
        "finished",
        "finished",
        "finished",
        "failed",
        "failed",
        "cancelled",
        "lost",
    ];

    private static readonly string?[] FailureReasons = [Reasons.UserError, Reasons.OutOfMemory, "made up", null];

    private static readonly Shape[] Shapes =
    [
        Shape.Any,
        Shape.Any,
        new(Labeling.None, new Capacity(1000)),
        new(Labeling.None, new Capacity(500, 2L << 30)),
        new(new Dictionary<string, string> { ["zone"] = "a" }, Capacity.None),
        new(new Dictionary<string, string> { ["zone"] = "b" }, new Capacity(1000, 0, 1)),
        new(new Dictionary<string, string> { ["zone"] = "nowhere" }, Capacity.None),
        new(Labeling.None, Capacity.None) { DataFolders = ["digits"] },
        new(Labeling.None, new Capacity(500)) { DataFolders = ["digits", "faces"] },
    ];

    /// <summary>What a model for this source has.</summary>
    public static IReadOnlyList<ModelWorker> Workers { get; } =
    [
        new(0, 3, new Dictionary<string, string> { ["zone"] = "a" }, new Capacity(2000, 4L << 30))
        {
            DataFolders = ["digits", "faces"],
        },
        new(1, 2, new Dictionary<string, string> { ["zone"] = "b" }, new Capacity(4000, 8L << 30, 1)),
        new(2, 4, Labeling.None, Capacity.None) { DataFolders = ["digits"] },
        new(3, 1, new Dictionary<string, string> { ["zone"] = "a", ["fast"] = "" }, new Capacity(1500, 1L << 30)),
    ];

    private readonly Random _random = new(seed);

    // Some episodes have workers that take jobs and lay down what they took: otherwise too few jobs are given up for that.
    private readonly bool _lazy = seed % 8 == 0;
    private readonly List<Step> _said = [];
    private int _draws;

    public Step Next()
    {
        if (model.Sessions.Count < Workers.Count)
        {
            return new Step.Register(model.Sessions.Count, []);
        }

        if (_said.Count > 0 && Chance(0.08))
        {
            return Any(_said);
        }

        var step = Draw(_random.Next(100));
        if (
            step
            is Step.Submit { Key: not null }
                or not (Step.Submit or Step.Sweep or Step.Settle or Step.Advance or Step.User)
        )
        {
            _said.Add(step);
            if (_said.Count > Remembered)
            {
                _said.RemoveAt(_random.Next(_said.Count));
            }
        }

        return step;
    }

    private Step Draw(int ticket) =>
        ticket switch
        {
            < 14 => Submit(),
            < 32 => new Step.Claim(Session(), _random.Next(1, 4)),
            < 60 when _lazy => ticket < 46 ? Renew() : new Step.Advance(Span()),
            < 46 when model.Attempts.Count > 0 => new Step.Start(Hold()),
            < 60 when model.Attempts.Count > 0 => Finish(),
            < 72 => Renew(),
            < 81 => new Step.Advance(Span()),
            < 88 => new Step.Sweep(),
            < 90 => new Step.Settle(),
            < 92 => Register(),
            < 93 => new Step.Leave(_random.Next(Workers.Count)),
            < 94 when model.Attempts.Count > 0 => new Step.Release(Hold()),
            < 95 => new Step.Drain(Session(), Chance(0.3)),
            < 96 => Chance(0.5)
                ? new Step.Pause(_random.Next(3), Chance(0.3))
                : new Step.Quota(_random.Next(1, 4), Chance(0.6) ? _random.Next(4) : null),
            _ when model.Jobs.Count > 0 => new Step.User(Recent(model.Jobs.Count), Any(UserEvents)),
            _ => new Step.Sweep(),
        };

    private Step Submit()
    {
        if (model.OpenJobs.Count > MostOpen)
        {
            return new Step.Sweep();
        }

        var earlier = Chance(0.25) && model.Jobs.Count > 0 ? _random.Next(1, 4) : 0;
        return new Step.Submit(
            _draws++,
            _random.Next(3),
            _random.Next(1, 4),
            _random.Next(-2, 3),
            Any(Shapes),
            new JobLimits(_random.Next(3), _random.Next(4), 3, Chance(0.9)),
            Any([60 * Second, 300 * Second, 1200 * Second]),
            Chance(0.15) ? _random.Next(1, 3600) * Second : null,
            Chance(0.15) ? _random.Next(1, 1800) * Second : null,
            [.. Enumerable.Range(0, earlier).Select(_ => Recent(model.Jobs.Count)).Distinct().Order()],
            Any(Enum.GetValues<AfterPolicy>()),
            Chance(0.96),
            Chance(0.2) ? _random.Next(8) : null
        );
    }

    private Step Finish()
    {
        var hold = Hold();
        var outcome = Any(Outcomes);
        var report = Chance(0.9) ? hold.Attempt * 2 : (hold.Attempt * 2) + 1;
        return new Step.Finish(
            hold,
            outcome,
            outcome == "failed" ? Any(FailureReasons) : null,
            report,
            _random.NextInt64(-10, 11) * 365 * 86400 * Second,
            _random.NextInt64(-10, 7200) * Second
        );
    }

    private Step Renew()
    {
        var session = Session();
        var live = model
            .Live.Where(a => a.Session == session && Chance(_lazy ? 0.3 : 0.92))
            .Select(a => new Said(a.Index, a.Fence, Phase(a)))
            .ToList();
        if (model.Attempts.Count > 0 && Chance(0.1))
        {
            var other = model.Attempts[Recent(model.Attempts.Count)];
            live.Add(new Said(other.Index, other.Fence - _random.Next(2), "running"));
        }

        return new Step.Renew(session, live);
    }

    /// <summary>A worker comes back: with all it had, some of it, or nothing.</summary>
    private Step Register()
    {
        var worker = _random.Next(Workers.Count);
        var kept = Any([1.0, 0.5, 0.0]);
        return new Step.Register(
            worker,
            [.. model.LiveOf(worker).Where(_ => Chance(kept)).Select(a => new Said(a.Index, a.Fence, Phase(a)))]
        );
    }

    private string Phase(ModelAttempt attempt) =>
        attempt.State == AttemptState.Running ? "running" : Any(["preparing", "preparing", "waiting", "launching"]);

    /// <summary>Mostly one that is there, else one of the past.</summary>
    private int Session() =>
        Chance(0.9) && model.Session(_random.Next(Workers.Count)) is { } session
            ? session
            : _random.Next(model.Sessions.Count);

    private Hold Hold()
    {
        var live = model.Live;
        if (live.Count > 0 && Chance(0.85))
        {
            var own = live[_random.Next(live.Count)];
            return new Hold(own.Index, own.Session, own.Fence);
        }

        var other = model.Attempts[Recent(model.Attempts.Count)];
        return Chance(0.7) ? new Hold(other.Index, other.Session, other.Fence)
            : Chance(0.5) ? new Hold(other.Index, Session(), other.Fence)
            : new Hold(other.Index, other.Session, other.Fence + _random.Next(-1, 2));
    }

    private long Span() =>
        _random.Next(20) switch
        {
            < 12 => _random.NextInt64(1, 20 * Second),
            < 16 => _random.NextInt64(20 * Second, 400 * Second),
            < 18 => _random.NextInt64(400 * Second, 1300 * Second),
            < 19 => _random.NextInt64(1300 * Second, 2 * 3600 * Second),
            _ => _random.NextInt64(1, 9 * 24) * 3600 * Second,
        };

    private int Recent(int count) => Math.Max(0, count - 1 - _random.Next(Math.Min(count, 20)));

    private bool Chance(double of) => _random.NextDouble() < of;

    private T Any<T>(IReadOnlyList<T> all) => all[_random.Next(all.Count)];
}
