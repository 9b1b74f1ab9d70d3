using System.Text.Json;
using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Jobs;

/// <summary>The hot row of a job.</summary>
public sealed record JobRow
{
    public long Id { get; init; }
    public long GroupId { get; init; }
    public long Experiment { get; init; }
    public long Entrypoint { get; init; }
    public long Queue { get; init; }
    public long UserId { get; init; }
    public string State { get; init; } = "";
    public string? Before { get; init; }
    public string? Reason { get; init; }
    public string? Message { get; init; }
    public long Fence { get; init; }
    public int Attempts { get; init; }
    public int Failures { get; init; }
    public int Losses { get; init; }
    public int Starts { get; init; }
    public int MaxFailures { get; init; }
    public int MaxLosses { get; init; }
    public int Restartable { get; init; }
    public long? Attempt { get; init; }
    public int Priority { get; init; }
    public long RunAt { get; init; }
    public long Rank { get; init; }
    public long TimeLimit { get; init; }
    public long LostAfter { get; init; }
    public long? CancelRequested { get; init; }
    public long Head { get; init; }
    public int Seq { get; init; }
    public long Created { get; init; }
    public long Modified { get; init; }
    public long? Started { get; init; }
    public long? Ended { get; init; }
    public long? Deleted { get; init; }

    /// <summary>Its queue, group and shape, interned.</summary>
    public long Lane { get; init; }

    /// <summary>How many jobs it comes after have not ended.</summary>
    public int Waits { get; init; }

    /// <summary>1 when other jobs came to wait for it.</summary>
    public int Awaited { get; init; }

    /// <summary>It fails if it has not begun by then; null once it has.</summary>
    public long? NotAfter { get; init; }

    /// <summary>Why it cannot run; read where jobs are claimed.</summary>
    public string? PlanError { get; init; }

    public JobState JobState => States.Job(State);

    /// <summary>Where a time stands for "until somebody lets it go".</summary>
    public const long Held = long.MaxValue / 4;

    public bool IsHeld => JobState == JobState.Scheduled && RunAt == Held;

    internal JobFacts Facts(int lossWorkers = 0, int recentLosses = 0) =>
        new(
            JobState,
            Before is null ? null : States.Job(Before),
            Fence,
            Attempts,
            Failures,
            Losses,
            Starts,
            Attempt is not null,
            lossWorkers,
            new JobLimits(MaxFailures, MaxLosses, JobLimits.Default.Starts, Restartable != 0),
            recentLosses,
            Waits
        );

    /// <summary>Whether it goes on, which it does until the command ends.</summary>
    public static bool GoesOn(ITransaction tx, long id) =>
        tx.First<JobRow>("SELECT * FROM job WHERE id = @Id" + ForUpdate(tx), new { Id = id }) is { } row
        && !row.JobState.IsTerminal();

    /// <summary>Reads the row and keeps others from changing it until the command ends.</summary>
    internal static JobRow? Lock(ITransaction tx, long id)
    {
        var row = tx.Ask<JobRow>("SELECT * FROM job WHERE id = @Id" + ForUpdate(tx), new { Id = id });
        // Who locks a job is about to write its next event.
        tx.Reserve(Sequence.Snapshot);
        return row.First;
    }

    /// <summary>SQLite has one writer and needs no row locks.</summary>
    internal static string ForUpdate(ISession session) => session.Dialect == Dialect.Postgres ? " FOR UPDATE" : "";
}

/// <summary>What was written once, at submit.</summary>
public sealed record JobDetail
{
    public long Job { get; init; }
    public string Run { get; init; } = "";
    public string? Description { get; init; }
    public string Timeout { get; init; } = "";
    public long ExperimentSnapshot { get; init; }
    public long EntrypointSnapshot { get; init; }
    public long QueueSnapshot { get; init; }
    public string ParameterValues { get; init; } = "{}";

    /// <summary>The values of the parameters as texts.</summary>
    internal IReadOnlyDictionary<string, string?> Given =>
        JsonSerializer.Deserialize<Dictionary<string, string?>>(ParameterValues)!;

    public string ArtifactValues { get; init; } = "{}";
    public long Seed { get; init; }
    public int SeedGiven { get; init; }
    public string? Plan { get; init; }
    public string? PlanDigest { get; init; }
    public string? PlanError { get; init; }
    public string Plugins { get; init; } = "[]";
    public string Inputs { get; init; } = "[]";

    /// <summary>JSON list of names.</summary>
    public string DataFolders { get; init; } = "[]";

    /// <summary>JSON list of names.</summary>
    public string Secrets { get; init; } = "[]";

    /// <summary>The artifacts it reads, by parameter.</summary>
    internal IReadOnlyList<(string Parameter, long Artifact)> ReadArtifacts()
    {
        if (ArtifactValues == "{}")
        {
            return [];
        }

        using var values = JsonDocument.Parse(ArtifactValues);
        return [.. values.RootElement.EnumerateObject().Select(v => (v.Name, v.Value.GetProperty("id").GetInt64()))];
    }
}

/// <summary>One change of a job's state.</summary>
public sealed record JobEventRow
{
    public long Id { get; init; }
    public long Job { get; init; }
    public int Seq { get; init; }
    public string State { get; init; } = "";
    public string? Reason { get; init; }
    public string? Message { get; init; }
    public string Actor { get; init; } = "";
    public long? UserId { get; init; }
    public long? Attempt { get; init; }
    public long At { get; init; }
}

/// <summary>One try of a job.</summary>
public sealed record AttemptRow
{
    public long Id { get; init; }
    public long Job { get; init; }
    public int Number { get; init; }
    public long Fence { get; init; }
    public long Session { get; init; }
    public long Worker { get; init; }
    public string State { get; init; } = "";
    public string Phase { get; init; } = "";
    public long? MissedSince { get; init; }
    public long Granted { get; init; }
    public long? Started { get; init; }
    public long? Ended { get; init; }
    public string? Report { get; init; }
    public string? Reason { get; init; }
    public int? ExitCode { get; init; }
    public int? Signal { get; init; }
    public string? Message { get; init; }
    public string? Traceback { get; init; }
    public string? Step { get; init; }
    public long? LastEvent { get; init; }
    public long? PeakMemory { get; init; }
    public double? CpuSeconds { get; init; }
    public string? Facts { get; init; }

    public bool IsLive => States.Attempt(State).IsLive();
}
