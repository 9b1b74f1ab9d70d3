using Alidade.Testing.Queue;

namespace Alidade.Engine.Tests.Jobs;

/// <summary>
/// A million random steps of users, workers and clocks, with every invariant checked after each. ALIDADE_SEED=N repeats a
/// run, and ALIDADE_SOAK=1 makes it long.
/// </summary>
[Trait("run", "soak")]
public sealed class QueueModelTests(ITestOutputHelper output)
{
    private const int StepsOfEpisode = 1000;

    private static readonly bool Soak = Environment.GetEnvironmentVariable("ALIDADE_SOAK") == "1";
    private static readonly int Episodes = Soak ? 300_000 : 680;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("ALIDADE_SEED"), out var given)
        ? given
        : Random.Shared.Next(1_000_000);

    private long _steps;

    [Fact]
    public void A_million_random_steps_keep_every_invariant()
    {
        output.WriteLine($"ALIDADE_SEED={Seed}");
        var seen = new HashSet<(string, string)>();
        string? broken = null;
        Parallel.For(
            0,
            Episodes,
            (episode, loop) =>
            {
                if (Run(Seed + episode, seen) is { } problem)
                {
                    Interlocked.CompareExchange(ref broken, problem, null);
                    loop.Stop();
                }
            }
        );
        Assert.True(broken is null, broken);
        output.WriteLine($"{_steps} steps; {seen.Count} kinds of step with their answers");
        Assert.True(_steps >= 1_000_000, "too few steps were taken");

        // Steps that the rules are about must really have happened, not only been refused.
        string[] sought =
        [
            "Start running",
            "Start cancelling",
            "Start stale",
            "Finish finished",
            "Finish failed",
            "Finish scheduled",
            "Finish cancelled",
            "Finish stale",
            "Release queued",
            "Submit again",
            "Submit conflict",
            "Renew gone",
            "Claim gone",
            "User queued",
            "User refused",
            "after skipped dependency",
            "after failed dependency",
            "after failed poison",
            "after failed lost",
            "after failed timeout",
            "after failed expired",
            "after failed start_deadline",
            "after failed rejected",
            "after cancelled unconfirmed",
            "after unreachable ",
        ];
        Assert.Empty(sought.Except(seen.Select(s => $"{s.Item1} {s.Item2}")));
    }

    /// <returns>What broke, and how it came to that; null when nothing did.</returns>
    private string? Run(int seed, HashSet<(string, string)> seen)
    {
        var model = new QueueModel { Workers = StepSource.Workers };
        var mine = new HashSet<(string, string)>();
        var steps = new List<Step>();
        var source = new StepSource(model, seed);
        try
        {
            for (var i = 0; i < StepsOfEpisode; i++)
            {
                Take(model, source.Next(), steps, mine);
            }

            foreach (var step in CalmSteps.Of(model))
            {
                Take(model, step, steps, mine);
            }

            model.CheckCalm();
        }
        catch (QueueModelException e)
        {
            var last = string.Join('\n', steps.TakeLast(40));
            return $"ALIDADE_SEED={seed} breaks at step {steps.Count}: {e.Message}\n{last}\n{e}";
        }

        lock (seen)
        {
            seen.UnionWith(mine);
            _steps += steps.Count;
        }

        return null;
    }

    private static void Take(QueueModel model, Step step, List<Step> steps, HashSet<(string, string)> seen)
    {
        steps.Add(step);
        model.Now += step is Step.Advance { Micros: var span } ? span : 1;
        var answer = model.Take(step);
        seen.Add((step.GetType().Name, answer.Split(' ')[0]));
        foreach (var job in model.Touched.Select(t => model.Jobs[t]))
        {
            seen.Add(("after", $"{Engine.Jobs.States.Word(job.Facts.State)} {job.Reason}"));
        }
    }
}
