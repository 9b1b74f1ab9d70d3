using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>What a list says of a run, be it a job's own or one that stands alone.</summary>
public sealed record RunHead
{
    public string Id { get; init; } = "";
    public int Own { get; init; }
    public long? Job { get; init; }
    public long Experiment { get; init; }
    public string ExperimentName { get; init; } = "";
    public string? Name { get; init; }
    public string? Description { get; init; }
    public string? EntrypointName { get; init; }
    public string? QueueName { get; init; }
    public string Username { get; init; } = "";
    public string? ClaimedUser { get; init; }
    public string? Parent { get; init; }
    public string Status { get; init; } = "";

    /// <summary>Of the job, where it is the job's own.</summary>
    public string? JobState { get; init; }
    public string? Message { get; init; }
    public long Head { get; init; }
    public long Created { get; init; }
    public long? Started { get; init; }
    public long? Ended { get; init; }

    /// <summary>The job's word for how it stands; a client's in the same words.</summary>
    public string State => JobState ?? (Status == "KILLED" ? "cancelled" : Status.ToLowerInvariant());

    /// <summary>What people call it: its name, or the first line of the job's description, else its entrypoint.</summary>
    public string Title =>
        Name is { Length: > 0 } name ? name
        : Description?.Split('\n', 2)[0].Trim() is { Length: > 0 and <= 80 } line ? line
        : EntrypointName ?? Id[..Math.Min(8, Id.Length)];
}

public static class RunHeads
{
    /// <summary>In the order of the ids.</summary>
    public static IReadOnlyList<RunHead> Of(ISession read, IReadOnlyList<string> ids)
    {
        var rows = read.Query<RunHead>(
                """
                SELECT r.id, r.own, r.job, r.experiment, x.name AS experiment_name, r.name, d.description, e.name AS entrypoint_name, q.name AS queue_name,
                    u.username, r.claimed_user, r.parent, r.status, j.state AS job_state, j.message, COALESCE(j.head, 0) AS head,
                    r.created, CASE WHEN r.own = 1 THEN j.started ELSE r.started END AS started,
                    CASE WHEN r.own = 1 THEN j.ended ELSE r.ended END AS ended
                FROM run r JOIN user_account u ON u.id = r.user_id JOIN resource x ON x.id = r.experiment
                LEFT JOIN job j ON j.id = r.job AND r.own = 1 LEFT JOIN job_detail d ON d.job = j.id
                LEFT JOIN resource e ON e.id = j.entrypoint LEFT JOIN resource q ON q.id = j.queue
                WHERE r.id = ANY(@Ids)
                """,
                new { Ids = ids.ToArray() }
            )
            .ToDictionary(r => r.Id);
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id])];
    }
}
