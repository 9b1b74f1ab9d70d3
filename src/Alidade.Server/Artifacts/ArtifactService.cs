using Alidade.Server.Jobs;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Artifacts;

/// <summary>Artifacts: registered by clients and jobs, described anew, put into the trash.</summary>
public sealed class ArtifactService(Stores stores)
{
    public Task<ArtifactView> CreateAsync(Caller caller, ArtifactInput input, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                caller.Require(input.Group, Role.Contributor);
                var from = caller.ReferringFrom(input.Group);
                var job = JobReader.GetToChange(t, from, input.Job);
                RequireNewUri(t, input.ArtifactUri);
                var (run, files) = ArtifactFiles.Locate(t, job, input.ArtifactUri);
                var task = ArtifactTasks.Find(t, from, input.PluginSnapshotId, input.TaskId);
                var payload = ArtifactFiles.Payload(t, job.Id, run, files.Path, files.IsFolder, files.Files, task);
                var content = ArtifactContent.Of(t, input.ArtifactUri, input.Description, payload);
                var (id, _) = Resources.Create(t, ArtifactKind.Kind, caller, input.Group, content, job.Id);
                RunStore.LinkArtifact(t, run, files.Path, id);
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
                    Task = ArtifactTasks.Find(
                        t,
                        caller.ReferringFrom(current.GroupId),
                        change.PluginSnapshotId,
                        change.TaskId
                    ),
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
                var (rows, total) = SnapshotLists.Page(s, ArtifactKind.Kind, caller, id, listing);
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
                var (rows, total) = ResourceLists.Page(
                    s,
                    ArtifactKind.Kind,
                    caller,
                    listing,
                    narrow: search =>
                    {
                        if (outputTypes is not null)
                        {
                            search.Conditions.Add(WithTypes(search, outputTypes));
                        }
                    },
                    sortColumn: ArtifactKind.SortColumn
                );
                return Page.Of("artifacts", listing, total, Views(s, rows, asSnapshot: false));
            },
            cancellation
        );

    /// <summary>Puts it into the trash, unless a version of a model is made of it.</summary>
    public Task<Deletion> DeleteAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var current = Resources.GetToChange(t, ArtifactKind.Kind, caller, id);
                var version = t.First<string>(
                    "SELECT m.name || ' ' || v.number FROM model_version v JOIN resource r ON r.id = v.id "
                        + "JOIN resource m ON m.id = v.model_id WHERE v.artifact_id = @id AND r.deleted IS NULL "
                        + "AND m.deleted IS NULL ORDER BY v.number LIMIT 1",
                    new { id }
                );
                if (version is not null)
                {
                    throw new RefusedException(
                        "ArtifactInUseError",
                        $"Artifact {id} is what the model version {version} is made of. Delete that first."
                    );
                }

                Resources.Delete(t, ArtifactKind.Kind, caller, current);
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    private static SearchCondition WithTypes(CompiledSearch search, IReadOnlyList<long> types)
    {
        var given = $"x.field = '{ArtifactKind.OutputTypes}' AND x.text = {search.Add(string.Join(',', types))}";
        return new SearchCondition(
            $"EXISTS (SELECT 1 FROM search x WHERE x.resource = r.id AND {given})",
            $"SELECT x.resource AS id FROM search x WHERE {given}",
            SearchCost.Link
        );
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
                (row, pin) => new ArtifactView(row, asSnapshot, pin is null ? ArtifactTask.None : tasks[pin])
            ),
        ];
    }

    /// <summary>An address names one thing, whichever job or group it is registered under.</summary>
    internal static void RequireNewUri(ISession s, string uri)
    {
        var holder = s.First<long?>(
            "SELECT id FROM resource WHERE kind = @Kind AND folded = @Folded AND name = @uri AND deleted IS NULL",
            new
            {
                Kind = ArtifactKind.Kind.Name,
                Folded = Wire.Fold(uri),
                uri,
            }
        );
        if (holder is { } id)
        {
            throw new AlreadyExistsException(ArtifactKind.Kind.Name, id, ("uri", uri));
        }
    }
}
