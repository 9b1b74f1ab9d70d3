using Alidade.Engine.Jobs;

namespace Alidade.Engine.Tests.Jobs;

public sealed class JobMachineTests
{
    private static readonly JobState[] AllStates = Enum.GetValues<JobState>();
    private static readonly JobEvent[] AllEvents = Enum.GetValues<JobEvent>();

    /// <summary>Every state that a submitted job can be in is reached, and from each of them an end can be reached.</summary>
    [Fact]
    public void Every_state_is_reached_and_none_is_a_trap()
    {
        var limits = new JobLimits(1, 1);
        var next = new Dictionary<JobFacts, List<JobFacts>>();
        var open = new Queue<JobFacts>([JobFacts.New(true, limits) with { LossWorkers = 1 }]);
        while (open.TryDequeue(out var facts))
        {
            if (next.ContainsKey(facts))
            {
                continue;
            }

            next[facts] =
            [
                .. AllEvents
                    .Where(e => e != JobEvent.Requeue)
                    .Select(e => JobMachine.Decide(facts, e))
                    .OfType<Decision>()
                    .Select(d => JobMachine.Apply(facts, d) with { Fence = 0, Attempts = 0 }),
            ];
            next[facts].ForEach(open.Enqueue);
        }

        Assert.Equal(AllStates, next.Keys.Select(f => f.State).Distinct().Order());
        Assert.All(next.Where(n => n.Key.State.IsTerminal()), n => Assert.Empty(n.Value));
        Assert.All(next.Keys, facts => Assert.True(Ends(facts, next), $"{facts} can never end"));
    }

    [Theory]
    [InlineData(0, 1, JobState.Scheduled, Reasons.Lost)]
    [InlineData(2, 1, JobState.Failed, Reasons.Lost)]
    [InlineData(2, 2, JobState.Failed, Reasons.Poison)]
    public void A_lost_job_is_tried_again_twice(int losses, int workers, JobState to, string reason)
    {
        var job = Running() with { Losses = losses, RecentLosses = losses, LossWorkers = workers };
        var decision = JobMachine.Decide(job, JobEvent.Lost);
        Assert.Equal((to, reason), (decision!.To, decision.Reason));
        Assert.True(decision.Effects.HasFlag(Effects.Revoke), "a lost worker must not write any more");
    }

    [Fact]
    public void A_failure_of_user_code_is_final_by_default_and_keeps_its_reason()
    {
        var decision = JobMachine.Decide(Running(), JobEvent.Failed, Reasons.UserError);
        Assert.Equal((JobState.Failed, Reasons.UserError), (decision!.To, decision.Reason));
        Assert.Null(JobMachine.Decide(JobMachine.Apply(Running(), decision), JobEvent.Succeeded));
    }

    [Fact]
    public void Dioptras_words_follow_its_table_while_no_worker_owns_the_job()
    {
        Assert.Equal(
            [
                "deferred",
                "queued",
                "started",
                "started",
                "started",
                "started",
                "finished",
                "failed",
                "failed",
                "failed",
            ],
            AllStates.Select(DioptraStatus.Of)
        );
        var queued = JobFacts.New(waits: false);
        var started = Move(queued, "started")!;
        Assert.Equal(JobState.Running, started.State);
        Assert.Equal(JobState.Finished, Move(started, "finished")!.State);
        Assert.Equal(JobState.Queued, Move(Move(started, "failed")!, "reset")!.State);
        Assert.Equal(JobState.Scheduled, Move(queued, "deferred")!.State);
        Assert.Null(Move(queued, "finished"));
        Assert.All(DioptraStatus.Requests, word => Assert.Null(Move(Running(), word)));
    }

    [Fact]
    public void A_step_of_priority_is_worth_ten_minutes_of_waiting()
    {
        Assert.Equal(Waiting.Rank(0, 0), Waiting.Rank(600_000_000, 1));
        Assert.InRange(Waiting.Backoff(20, 0.999), TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
    }

    private static JobFacts Running() =>
        JobFacts.New(false) with
        {
            State = JobState.Running,
            Live = true,
            Attempts = 1,
        };

    private static JobFacts? Move(JobFacts job, string word) =>
        DioptraStatus.Event(job.State, word) is { } e && JobMachine.Decide(job, e) is { } decision
            ? JobMachine.Apply(job, decision)
            : null;

    private static bool Ends(JobFacts facts, Dictionary<JobFacts, List<JobFacts>> next)
    {
        var seen = new HashSet<JobFacts>();
        var open = new Stack<JobFacts>([facts]);
        while (open.TryPop(out var now))
        {
            if (now.State.IsTerminal())
            {
                return true;
            }

            if (seen.Add(now))
            {
                next[now].ForEach(open.Push);
            }
        }

        return false;
    }
}
