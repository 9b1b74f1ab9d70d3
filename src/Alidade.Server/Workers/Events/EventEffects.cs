using Alidade.Server.Artifacts;
using Alidade.Server.Configuration;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Workers.Events;

/// <summary>
/// What events change in core. An attempt may record so much and no more: a loop that makes up results or artifacts would
/// fill the store, and no page could show them. What a job has reported cannot be refused any more, so it is left out.
/// </summary>
public sealed class EventEffects(ArtifactRecorder artifacts, ServerOptions options)
{
    /// <summary>States of steps find room after all else is full: they say how the job went on.</summary>
    private const int RoomForSteps = 10_000;

    private readonly int _most = options.Limits.RecordsOfAttempt;

    /// <summary>Applies those that are new, in their order.</summary>
    /// <returns>What became of the job, and what to tell the reader of its log.</returns>
    public (IReadOnlyList<Moved> Moved, IReadOnlyList<string> Told) ApplyNew(
        ITransaction tx,
        EventTarget to,
        long session,
        IReadOnlyList<CoreEvent> events
    )
    {
        var before = AttemptCursor.Find(tx, to.Attempt);
        var recorded = before.Recorded;
        var (moved, told) = (new List<Moved>(), new List<string>());
        foreach (var happened in events.Where(e => e.Number > before.Applied))
        {
            if (!HasRoom(happened, recorded))
            {
                continue;
            }

            if (happened is ArtifactEvent artifact)
            {
                told.AddRange(artifacts.Record(tx, to, artifact));
            }
            else if (Apply(tx, to, session, happened) is { } change)
            {
                moved.Add(change);
            }

            recorded += happened is StartEvent ? 0 : 1;
            if (recorded == _most)
            {
                // So many events may still be few rows: a result that is set again and again is one.
                recorded = Math.Min(_most, RunStore.Rows(tx, to.Run));
            }
        }

        new AttemptCursor { Applied = events[^1].Number, Recorded = recorded }.Write(tx, to.Attempt);
        if (before.Recorded < _most && recorded >= _most)
        {
            told.Add(Full);
        }

        return (moved, told);
    }

    private string Full =>
        $"This attempt has recorded {_most} results, parameters, tags, artifacts and states of steps, the most it may: "
        + "further ones are dropped. Use metrics for what counts up, and one folder for many files.";

    private bool HasRoom(CoreEvent happened, long recorded) =>
        happened switch
        {
            StartEvent => true,
            StepEvent => recorded < _most + RoomForSteps,
            _ => recorded < _most,
        };

    private static Moved? Apply(ITransaction tx, EventTarget to, long session, CoreEvent happened)
    {
        switch (happened)
        {
            case StartEvent e:
                RunStore.ClearSteps(tx, to.Run);
                return JobReports.Start(tx, to.Attempt, session, to.Fence, e.Facts).Moved;
            case StepEvent e:
                RunStore.SetStep(tx, to.Run, e.Name, e.State, e.Time, e.Error);
                break;
            case ResultEvent e:
                RunStore.SetResult(tx, to.Run, e.Name, e.Value);
                break;
            case ParameterEvent e:
                RunStore.SetParameter(tx, to.Run, e.Name, e.Value);
                break;
            case TagEvent e:
                RunStore.SetTag(tx, to.Run, e.Name, e.Value);
                break;
        }

        return null;
    }
}
