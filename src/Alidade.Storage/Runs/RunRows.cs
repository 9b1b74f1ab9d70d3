namespace Alidade.Storage.Runs;

/// <summary>A tracking record.</summary>
public sealed record RunRow
{
    public string Id { get; init; } = "";
    public long? Job { get; init; }
    public long Experiment { get; init; }
    public long GroupId { get; init; }
    public long UserId { get; init; }
    public string? Name { get; init; }
    public string Status { get; init; } = "";
    public long Created { get; init; }
    public long? Started { get; init; }
    public long? Ended { get; init; }

    /// <summary>The run it is a part of, as its client says.</summary>
    public string? Parent { get; init; }

    /// <summary>Who its client says it is.</summary>
    public string? ClaimedUser { get; init; }

    /// <summary>Where its client keeps the files; null for here.</summary>
    public string? ArtifactRoot { get; init; }
    public long? Deleted { get; init; }

    /// <summary>When its job was deleted, which takes it along.</summary>
    public long? JobDeleted { get; init; }

    public bool IsDeleted => Deleted is not null || JobDeleted is not null;

    /// <summary>1 for the run that was made with its job.</summary>
    public int Own { get; init; }

    /// <summary>It is being deleted for good and cannot be restored.</summary>
    public long? Purged { get; init; }
}

/// <summary>A step of the graph as it ran.</summary>
public sealed record StepRow
{
    public string Name { get; init; } = "";
    public string State { get; init; } = "";
    public long? Started { get; init; }
    public long? Ended { get; init; }
    public string? Error { get; init; }
}

/// <summary>A name with a text: a parameter, a tag, or a result as JSON.</summary>
public sealed record NamedValue
{
    public string Run { get; init; } = "";
    public string Name { get; init; } = "";
    public string Value { get; init; } = "";
}

/// <summary>Files of a run under one path.</summary>
public sealed record RunArtifact
{
    public string Run { get; init; } = "";
    public string Path { get; init; } = "";
    public int Folder { get; init; }
    public long Size { get; init; }

    /// <summary>JSON list of <see cref="ArtifactFile"/>.</summary>
    public string Content { get; init; } = "[]";

    /// <summary>SHA-256 of the file, or of a folder's list of files.</summary>
    public string? Digest { get; init; }
    public string? MediaType { get; init; }
    public long? Attempt { get; init; }
    public long? Event { get; init; }

    /// <summary>The artifact resource that shows it, if any.</summary>
    public long? Resource { get; init; }
    public long At { get; init; }
}

/// <summary>A file of an artifact by content.</summary>
/// <param name="Path">Relative to the artifact, with forward slashes.</param>
public sealed record ArtifactFile(string Path, long Size, string Sha256);
