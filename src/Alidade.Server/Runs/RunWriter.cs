using Alidade.Server.Experiments;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs;

/// <summary>
/// Runs that stand alone, under ids their clients choose: so that what was recorded without a network can be sent later,
/// and sent again, and is one run.
/// </summary>
public sealed class RunWriter(Stores stores, RunSignals signals)
{
    private const int MostValues = 1000;
    public const int LongestKey = 250;
    public const int LongestParameter = 6000;
    private const int LongestTag = 8000;

    public async Task<RunWritten> PutAsync(Caller caller, string id, RunInput input, CancellationToken cancellation)
    {
        Check(id, input);
        var run = await stores.Core.WriteAsync(t => Put(t, caller, id, input), cancellation: cancellation);
        signals.Publish(run);
        var experiment = await stores.Core.ReadAsync(
            s => TrackedExperiments.Find(s, caller, run.Experiment)!,
            cancellation
        );
        return new RunWritten(
            id,
            run.Name ?? id,
            run.Experiment,
            experiment.Name,
            run.GroupId,
            run.Status,
            $"/runs/{id}"
        );
    }

    private static RunRow Put(ITransaction t, Caller caller, string id, RunInput input)
    {
        var run = RunStore.Find(t, id) is null ? Begin(t, caller, id, input) : TrackedRuns.GetToChange(t, caller, id);
        run = TrackedRuns.Change(
            t,
            caller,
            run,
            run with
            {
                Name = input.Name ?? run.Name,
                Status = input.Status ?? run.Status,
                Ended = input.Status == "RUNNING" ? null : input.Ended ?? run.Ended,
            }
        );
        if (run.Name is { } name)
        {
            RunStore.SetTag(t, id, RunTags.Name, name);
        }

        foreach (var (key, value) in input.Parameters ?? new Dictionary<string, string?>())
        {
            SetParameter(t, id, key, value ?? "");
        }

        foreach (var (key, value) in input.Tags ?? new Dictionary<string, string?>())
        {
            run = RunTags.Set(t, run, key, value ?? "");
        }

        return run;
    }

    private static RunRow Begin(ITransaction t, Caller caller, string id, RunInput input)
    {
        var experiment = ExperimentOf(t, caller, input.Experiment ?? TrackedExperiments.DefaultName);
        return TrackedRuns.Create(
            t,
            caller,
            new RunRow
            {
                Id = id,
                Experiment = experiment.Id,
                GroupId = experiment.GroupId,
                Name = input.Name ?? RunNames.New(),
                Status = input.Status ?? "RUNNING",
                Created = t.Now,
                Started = input.Started ?? t.Now,
                ClaimedUser = caller.Username,
            }
        );
    }

    /// <summary>The name of one in the trash is free.</summary>
    private static TrackedExperiment ExperimentOf(ITransaction t, Caller caller, string name) =>
        TrackedExperiments.FindByName(t, caller, name) is { Deleted: null } known
            ? known
            : TrackedExperiments.Find(t, caller, TrackedExperiments.Create(t, caller, name, null))!;

    private static void SetParameter(ITransaction t, string run, string name, string value)
    {
        if (RunStore.Logged(t, run, name) is { } known && known != value)
        {
            throw new InvalidInputException(
                "parameters",
                $"'{name}' is {known} already; a parameter is written once. Use a tag for what changes."
            );
        }

        RunStore.SetParameter(t, run, name, value);
    }

    private static void Check(string id, RunInput input)
    {
        if (!TrackedRuns.IsId(id))
        {
            throw new InvalidInputException("id", "The id of a run has 32 hexadecimal digits, in lower case.");
        }

        CheckTime("started", input.Started);
        CheckTime("ended", input.Ended);
        CheckTexts("parameters", input.Parameters, LongestParameter);
        CheckTexts("tags", input.Tags, LongestTag);
    }

    private static void CheckTime(string field, long? time)
    {
        if (time is { } value && !Micros.IsMoment(value))
        {
            throw new InvalidInputException(field, "Give microseconds since 1970 UTC.");
        }
    }

    private static void CheckTexts(string field, IReadOnlyDictionary<string, string?>? texts, int longest)
    {
        if (texts is null)
        {
            return;
        }

        if (texts.Count > MostValues)
        {
            throw new InvalidInputException(field, $"At most {MostValues} at once.");
        }

        foreach (var (key, value) in texts)
        {
            if (key.Length is 0 or > LongestKey || key.Any(char.IsControl))
            {
                throw new InvalidInputException(
                    field,
                    $"A name has 1 to {LongestKey} characters and no control characters."
                );
            }

            if (value?.Length > longest)
            {
                throw new InvalidInputException(field, $"'{key}' is longer than {longest} characters.");
            }
        }
    }
}
