using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;

namespace Alidade.Testing.Queue;

/// <summary>What users do.</summary>
public sealed partial class QueueModel
{
    private string Submit(Step.Submit asked, long? id)
    {
        if (asked.Key is { } key && _keys.TryGetValue(key, out var known))
        {
            return Jobs[known.Job].Asked.Draw == asked.Draw ? $"again {known.Job}" : "conflict";
        }

        var open = asked.After.Where(earlier => !IsMet(Jobs[earlier], asked.Policy)).ToList();
        var runAt = Now + Math.Max(0, asked.Delay ?? 0);
        var waits = runAt > Now || open.Count > 0;
        var job = new ModelJob(Jobs.Count, id ?? Jobs.Count, asked)
        {
            Facts = JobFacts.New(waits, asked.Limits) with { Waits = open.Count },
            RunAt = runAt,
            NotAfter = Now + asked.StartWithin,
        };
        job.Events.Add(job.Facts.State);
        Jobs.Add(job);
        _open.Add(job);
        Touched.Add(job.Index);
        foreach (var earlier in open)
        {
            job.Open.Add(earlier);
            Jobs[earlier].Awaited = true;
            Touched.Add(earlier);
            Ended(Jobs[earlier]);
        }

        if (asked.Key is { } own)
        {
            _keys[own] = (job.Index, Now);
        }

        return $"new {job.Index}";
    }

    private string Pause(Step.Pause asked)
    {
        if (asked.On)
        {
            _paused.Add(asked.Queue);
        }
        else
        {
            _paused.Remove(asked.Queue);
        }

        return "";
    }

    private string Limit(Step.Quota asked)
    {
        if (asked.Running is { } most)
        {
            _quotas[asked.Group] = most;
        }
        else
        {
            _quotas.Remove(asked.Group);
        }

        return "";
    }

    private static bool IsMet(ModelJob earlier, AfterPolicy policy) =>
        earlier.Facts.State.IsTerminal() && (policy == AfterPolicy.Any || earlier.Facts.State == JobState.Finished);
}
