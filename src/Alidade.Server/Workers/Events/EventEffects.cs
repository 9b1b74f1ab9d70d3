using Alidade.Server.Artifacts;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Workers.Events;

/// <summary>What an event changes in core.</summary>
public sealed class EventEffects(ArtifactRecorder artifacts)
{
    public Moved? Apply(ITransaction tx, EventTarget to, long session, CoreEvent happened)
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
            case ArtifactEvent e:
                artifacts.Record(tx, to, e);
                break;
        }

        return null;
    }
}
