using Alidade.Server.Live;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs;

/// <summary>Tells browsers, after the commit, that a run which stands alone began, moved or went.</summary>
public sealed class RunSignals(LiveHub live)
{
    public void Publish(RunRow run, bool deleted = false)
    {
        live.Publish(new LiveHint(LiveHint.Run(run.Id), State: run.Status, Version: run.Ended ?? run.Created));
        // The experiment's state is what happened last in it: another text than before.
        var what = deleted ? "deleted" : run.Status;
        live.Publish(new LiveHint(LiveHint.Experiment(run.Experiment), State: $"{run.Id} {what}"));
    }
}
