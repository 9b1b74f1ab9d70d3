using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs;

/// <summary>Tags of runs; some of them are what we know as members of the run.</summary>
internal static class RunTags
{
    public const string Name = "mlflow.runName";
    public const string Parent = "mlflow.parentRunId";

    /// <summary>Writes a tag and the member that it stands for.</summary>
    /// <returns>The run as it is now.</returns>
    public static RunRow Set(ITransaction t, RunRow run, string name, string value)
    {
        RunStore.SetTag(t, run.Id, name, value);
        var now = name switch
        {
            Name => run with { Name = value },
            // Longer than any id it is a tag like others.
            Parent => run with { Parent = value.Length <= RunWriter.LongestKey ? value : null },
            _ => run,
        };
        if (now != run)
        {
            RunStore.Update(t, run, now);
        }

        return now;
    }
}
