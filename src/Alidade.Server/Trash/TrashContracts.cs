using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Trash;

/// <summary>Something that was deleted and can be restored until then.</summary>
/// <param name="Kind">run, experiment, model, modelVersion or artifact.</param>
/// <param name="Id">As its own routes name it.</param>
/// <param name="Address">Below <c>/api/v1/trash</c>: DELETE purges it, POST to <c>…/restore</c> restores it.</param>
/// <param name="PurgedOn">When it will be purged by itself; null while a version of a model is made of its files.</param>
public sealed record TrashView(
    string Kind,
    string Id,
    string Name,
    GroupRef Group,
    string DeletedOn,
    string? PurgedOn,
    string Address
);

/// <summary>What was purged and what that gave back.</summary>
/// <param name="Runs">Runs, with their series, logs and lists of files.</param>
/// <param name="Resources">Experiments, models, versions and artifacts.</param>
/// <param name="Uploads">Uploads that nobody went on with.</param>
/// <param name="Blobs">Files that nothing refers to any more.</param>
/// <param name="Bytes">What the disk has back, of blobs and uploads.</param>
public sealed record SweepView(long Runs, long Resources, long Uploads, long Blobs, long Bytes);

/// <summary>As the deletion of a resource, for runs, whose ids are texts.</summary>
public sealed record RunDeletion(string Status, IReadOnlyList<string> Id);

/// <param name="GraceHours">Blobs put within this time stay; null for the configured grace time.</param>
public sealed record SweepInput(long? GraceHours = null);
