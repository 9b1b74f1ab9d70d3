using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Testing.Queue;

/// <summary>The time after the last fault: every worker is there, says what is true and does its work.</summary>
public static class CalmSteps
{
    private const int Minutes = 32;

    /// <summary>Longer than the longest silence and the longest delay of a retry together.</summary>
    public static IEnumerable<Step> Of(QueueModel model)
    {
        for (var minute = 0; minute < Minutes; minute++)
        {
            foreach (var step in Round(model))
            {
                yield return step;
            }

            yield return new Step.Advance(60 * Timing.Second);
            yield return new Step.Sweep();
        }

        // What the last minute brought is given out too, and jobs hear of those they come after, until nothing moves.
        for (var moves = -1; moves != Moves(model); )
        {
            moves = Moves(model);
            yield return new Step.Settle();
            foreach (var step in Round(model))
            {
                yield return step;
            }
        }
    }

    private static int Moves(QueueModel model) => model.Jobs.Sum(job => job.Events.Count);

    private static IEnumerable<Step> Round(QueueModel model) => model.Workers.SelectMany(w => Work(model, w.Index));

    private static IEnumerable<Step> Work(QueueModel model, int worker)
    {
        Said[] Live() => [.. model.LiveOf(worker).Select(a => new Said(a.Index, a.Fence, "running"))];
        if (model.Session(worker) is null)
        {
            yield return new Step.Register(worker, Live());
        }

        var session = model.Session(worker)!.Value;
        yield return new Step.Drain(session, false);
        yield return new Step.Renew(session, Live());
        yield return new Step.Claim(session, 100);
        foreach (var attempt in model.LiveOf(worker).ToList())
        {
            var hold = new Hold(attempt.Index, session, attempt.Fence);
            yield return new Step.Start(hold);
            var outcome = model.Jobs[attempt.Job].Facts.State == JobState.Cancelling ? "cancelled" : "finished";
            yield return new Step.Finish(hold, outcome, null, attempt.Index * 2, 0, 1);
        }
    }
}
