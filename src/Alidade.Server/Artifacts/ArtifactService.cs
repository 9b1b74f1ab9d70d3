using System.Text.RegularExpressions;
using Alidade.Server.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Artifacts;

/// <summary>Artifacts: registered by clients and jobs, described anew, never deleted.</summary>
public sealed partial class ArtifactService(Stores stores)
{
    public Task<ArtifactView> CreateAsync(Caller caller, ArtifactInput input, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                caller.Require(input.Group, Role.Contributor);
                var job = JobReader.Get(t, caller, input.Job);
                var artifact = Locate(t, job.Id, input.ArtifactUri);
                var payload = new ArtifactPayload(
                    job.Id,
                    artifact.Run,
                    artifact.Path,
                    artifact.Folder != 0,
                    artifact.Folder != 0 ? null : artifact.Size,
                    ArtifactTasks.Find(t, caller, input.PluginSnapshotId, input.TaskId)
                );
                var content = ArtifactContent.Of(t, input.ArtifactUri, input.Description, payload);
                var id = Resources.Create(t, ArtifactKind.Kind, caller, input.Group, content, job.Id);
                RunStore.SetArtifact(t, artifact with { Resource = id });
                return View(t, caller, id);
            },
            cancellation: cancellation
        );

    public Task<ArtifactView> ModifyAsync(
        Caller caller,
        long id,
        ArtifactChange change,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            t =>
            {
                var current = Resources.GetToChange(t, ArtifactKind.Kind, caller, id);
                var payload = current.Read<ArtifactPayload>() with
                {
                    Task = ArtifactTasks.Find(t, caller, change.PluginSnapshotId, change.TaskId),
                };
                var content = ArtifactContent.Of(t, current.Name!, change.Description, payload);
                Resources.Revise(t, ArtifactKind.Kind, caller, current, content);
                return View(t, caller, id);
            },
            cancellation: cancellation
        );

    public Task<ArtifactView> GetAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => View(s, caller, id), cancellation);

    public Task<ArtifactView> SnapshotAsync(Caller caller, long id, long snapshot, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s => Views(s, [Resources.GetSnapshot(s, ArtifactKind.Kind, caller, id, snapshot)], asSnapshot: true)[0],
            cancellation
        );

    public Task<Page<ArtifactView>> SnapshotsAsync(
        Caller caller,
        long id,
        Listing listing,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                var (rows, total) = ResourceLists.Snapshots(s, ArtifactKind.Kind, caller, id, listing);
                return Page.Of($"artifacts/{id}/snapshots", listing, total, Views(s, rows, asSnapshot: true));
            },
            cancellation
        );

    /// <param name="outputTypes">Only artifacts whose task gives exactly these types, in this order; null for all.</param>
    public Task<Page<ArtifactView>> ListAsync(
        Caller caller,
        Listing listing,
        IReadOnlyList<long>? outputTypes,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                var search = Search.Compile(ArtifactKind.Kind, listing.Search);
                var args = search.Arguments;
                args["Kind"] = ArtifactKind.Kind.Name;
                args["Groups"] = ResourceLists.Groups(caller, listing.GroupId);
                args["Types"] = outputTypes is null ? null : string.Join(',', outputTypes);
                args["Limit"] = listing.Limit;
                args["Offset"] = listing.Index;
                var where =
                    " WHERE r.kind = @Kind AND r.deleted IS NULL AND r.group_id = ANY(@Groups)"
                    + search.Where
                    + (outputTypes is null ? "" : WithTypes);
                var rows = s.Query<Versioned>(
                    $"{Resources.Newest}{where} ORDER BY {Order(listing)} LIMIT @Limit OFFSET @Offset",
                    args
                );
                var total = s.Scalar<long>($"SELECT COUNT(*) FROM resource r {where}", args);
                return Page.Of("artifacts", listing, total, Views(s, Resources.WithTags(s, rows), asSnapshot: false));
            },
            cancellation
        );

    private const string WithTypes =
        $" AND EXISTS (SELECT 1 FROM resource_text x WHERE x.resource_id = r.id AND x.field = '{ArtifactKind.OutputTypes}' AND x.text = @Types)";

    private static string Order(Listing listing)
    {
        var direction = listing.Descending ? "DESC" : "ASC";
        return listing.SortBy is { } key
            ? $"{ArtifactKind.SortColumn(key)} {direction}, r.id {direction}"
            : $"r.id {direction}";
    }

    private static ArtifactView View(ISession s, Caller caller, long id) =>
        Views(s, [Resources.Get(s, ArtifactKind.Kind, caller, id)], asSnapshot: false)[0];

    private static IReadOnlyList<ArtifactView> Views(ISession s, IReadOnlyList<Versioned> rows, bool asSnapshot)
    {
        var pins = rows.Select(r => r.Read<ArtifactPayload>().Task).ToList();
        var tasks = ArtifactTasks.Views(s, pins.OfType<TaskPin>());
        return
        [
            .. rows.Zip(
                pins,
                (row, pin) => new ArtifactView(row, asSnapshot, pin is null ? ArtifactTask.None : tasks[pin.Task])
            ),
        ];
    }

    /// <summary>The files of the job's run that an address names.</summary>
    private static RunArtifact Locate(ISession s, long job, string uri)
    {
        var match = RunPath().Match(uri);
        var runs = JobReader.Runs(s, job);
        if (!match.Success || !runs.Contains(match.Groups["run"].Value))
        {
            throw new RefusedException(
                "JobStoreError",
                $"The address must contain /RUN/artifacts/PATH with a run of job {job}: {string.Join(" or ", runs)}."
            );
        }

        return RunStore.Artifact(s, match.Groups["run"].Value, Uri.UnescapeDataString(match.Groups["path"].Value))
            ?? throw new RefusedException(
                "JobStoreError",
                $"Run {match.Groups["run"].Value} has no artifact {match.Groups["path"].Value}. Upload it first."
            );
    }

    [GeneratedRegex("/(?<run>[0-9a-f]{32})/artifacts/(?<path>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex RunPath();
}
