using Alidade.Server.Artifacts;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Models;

/// <summary>Versions of models: an artifact as it was, under the model's next number.</summary>
public sealed class ModelVersionService(Stores stores)
{
    private static readonly ResourceKind Kind = ModelVersions.Kind;

    public Task<Page<ModelVersionView>> ListAsync(
        Caller caller,
        long model,
        Listing listing,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync(
            s =>
            {
                Resources.Get(s, ResourceKind.Model, caller, model);
                var (rows, total) = ResourceLists.Page(s, Kind, caller, listing, model);
                IReadOnlyList<ModelVersionView> views = [.. ModelVersions.Of(s, rows).Select(r => r.View())];
                return Page.Of($"models/{model}/versions", listing, total, views);
            },
            cancellation
        );

    public Task<ModelVersionView> CreateAsync(
        Caller caller,
        long model,
        ModelVersionInput input,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            t =>
            {
                var of = Resources.GetToChange(t, ResourceKind.Model, caller, model);
                var artifact = Resources.Get(t, ArtifactKind.Kind, caller.ReferringFrom(of.GroupId), input.Artifact);
                var files = artifact.Read<ArtifactPayload>();
                var payload = new ModelVersionPayload(
                    model,
                    NextNumber(t, model),
                    artifact.Id,
                    artifact.Snapshot,
                    files.Run,
                    files.Path
                );
                Add(
                    t,
                    Resources.Create(t, Kind, caller, of.GroupId, Content(input.Description, payload), model).Id,
                    payload
                );
                return ModelVersions.Find(t, model, payload.Number)!.View();
            },
            cancellation: cancellation
        );

    public Task<ModelVersionView> GetAsync(Caller caller, long model, long number, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Get(s, caller, model, number).View(), cancellation);

    public Task<ModelVersionView> ModifyAsync(
        Caller caller,
        long model,
        long number,
        ModelVersionChange change,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            t =>
            {
                var version = Get(t, caller, model, number);
                var current = Resources.GetToChange(t, Kind, caller, version.Id, model);
                var payload = current.Read<ModelVersionPayload>();
                Resources.Revise(t, Kind, caller, current, Content(change.Description, payload));
                return ModelVersions.Find(t, model, number)!.View();
            },
            cancellation: cancellation
        );

    /// <summary>Puts it into the trash; aliases that point to it go.</summary>
    public Task<Deletion> DeleteAsync(Caller caller, long model, long number, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var version = Get(t, caller, model, number);
                RegisteredModels.DeleteVersion(t, caller, RegisteredModels.FindVersion(t, model, number)!);
                return Deletion.Of(version.Id);
            },
            cancellation: cancellation
        );

    private static ModelVersionRow Get(ISession s, Caller caller, long model, long number)
    {
        Resources.Get(s, ResourceKind.Model, caller, model);
        return ModelVersions.Find(s, model, number)
            ?? throw new NotFoundException(Kind.Name, (ResourceKind.Model.IdField, model), (Kind.IdField, number));
    }

    private static Content Content(string? description, ModelVersionPayload payload) =>
        new(Name: null, description, payload);

    /// <summary>One above the greatest there ever was: who asks for a number never gets another's files.</summary>
    internal static long NextNumber(ITransaction t, long model) =>
        t.Scalar<long>("SELECT COALESCE(MAX(number), 0) + 1 FROM model_version WHERE model_id = @model", new { model });

    internal static void Add(ITransaction t, long id, ModelVersionPayload payload) =>
        t.Execute(
            """
            INSERT INTO model_version (id, model_id, number, artifact_id, artifact_snapshot, run, path)
            VALUES (@id, @Model, @Number, @Artifact, @ArtifactSnapshot, @Run, @Path)
            """,
            new
            {
                id,
                payload.Model,
                payload.Number,
                payload.Artifact,
                payload.ArtifactSnapshot,
                payload.Run,
                payload.Path,
            }
        );
}
