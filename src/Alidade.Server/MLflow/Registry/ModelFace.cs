using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Models;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.MLflow.Registry;

/// <summary>Registered models in MLflow's words.</summary>
public sealed class ModelFace(Stores stores)
{
    public Task<IResult> CreateAsync(Caller caller, CreateModel request, CancellationToken cancellation)
    {
        RegistryChecks.Name(request.Name);
        foreach (var tag in request.Tags)
        {
            RegistryChecks.Tag(tag.Key, tag.Value);
        }

        return WriteAsync(
            t =>
            {
                RequireFree(t, caller, request.Name);
                RegisteredModels.Create(t, caller, request.Name, request.Description);
                var model = Registry.Model(t, caller, request.Name);
                foreach (var tag in request.Tags)
                {
                    ModelMarks.SetTag(t, caller, model, model.Id, tag.Key, tag.Value ?? "");
                }

                return Answer(t, model);
            },
            cancellation
        );
    }

    public Task<IResult> GetAsync(Caller caller, string name, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Answer(s, Registry.Model(s, caller, name)), cancellation);

    public Task<IResult> UpdateAsync(Caller caller, UpdateModel request, CancellationToken cancellation) =>
        ChangeAsync(
            caller,
            request.Name,
            (t, model) => RegisteredModels.Change(t, caller, model, model.Name, request.Description),
            request.Name,
            cancellation
        );

    public Task<IResult> RenameAsync(Caller caller, RenameModel request, CancellationToken cancellation)
    {
        RegistryChecks.Name(request.NewName);
        return ChangeAsync(
            caller,
            request.Name,
            (t, model) =>
            {
                if (request.NewName != model.Name)
                {
                    RequireFree(t, caller, request.NewName);
                    RegisteredModels.Change(t, caller, model, request.NewName, model.Description);
                }
            },
            request.NewName,
            cancellation
        );
    }

    public Task<IResult> DeleteAsync(Caller caller, string name, CancellationToken cancellation) =>
        WriteAsync(
            t =>
            {
                RegisteredModels.Delete(t, caller, Registry.Model(t, caller, name));
                return MlflowJson.Empty();
            },
            cancellation
        );

    public Task<IResult> LatestAsync(Caller caller, LatestVersions request, CancellationToken cancellation)
    {
        string[] stages = [.. request.Stages.Select(Stages.Parse)];
        return stores.Core.ReadAsync(
            s =>
            {
                var model = Registry.Model(s, caller, request.Name);
                var latest = RegisteredModels
                    .Latest(s, [model.Id])[model.Id]
                    .Where(v => stages.Length == 0 || stages.Contains(v.Stage ?? Stages.None));
                return MlflowJson.Answer(new { model_versions = Registry.Versions(s, [.. latest]) });
            },
            cancellation
        );
    }

    public Task<IResult> SetTagAsync(Caller caller, ModelTagMessage request, CancellationToken cancellation)
    {
        RegistryChecks.Tag(request.Key, request.Value);
        return WriteAsync(
            t =>
            {
                var model = Registry.Model(t, caller, request.Name);
                ModelMarks.SetTag(t, caller, model, model.Id, request.Key, request.Value ?? "");
                return MlflowJson.Empty();
            },
            cancellation
        );
    }

    public Task<IResult> DeleteTagAsync(Caller caller, ModelTagKey request, CancellationToken cancellation) =>
        WriteAsync(
            t =>
            {
                var model = Registry.Model(t, caller, request.Name);
                ModelMarks.DeleteTag(t, caller, model, model.Id, request.Key);
                return MlflowJson.Empty();
            },
            cancellation
        );

    public Task<IResult> SetAliasAsync(Caller caller, SetModelAlias request, CancellationToken cancellation)
    {
        RegistryChecks.Alias(request.Alias);
        return WriteAsync(
            t =>
            {
                var version = Registry.Version(t, caller, request.Name, request.Version);
                var model = Registry.Model(t, caller, request.Name);
                ModelMarks.SetAlias(t, caller, model, request.Alias, version.Number);
                return MlflowJson.Empty();
            },
            cancellation
        );
    }

    public Task<IResult> DeleteAliasAsync(Caller caller, NamedAlias request, CancellationToken cancellation) =>
        WriteAsync(
            t =>
            {
                ModelMarks.DeleteAlias(t, caller, Registry.Model(t, caller, request.Name), request.Alias);
                return MlflowJson.Empty();
            },
            cancellation
        );

    public Task<IResult> GetByAliasAsync(Caller caller, NamedAlias request, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var model = Registry.Model(s, caller, request.Name);
                var alias =
                    ModelMarks.Aliases(s, [model.Id])[model.Id].FirstOrDefault(a => a.Alias == request.Alias)
                    ?? throw MlflowException.Invalid($"Registered model alias {request.Alias} not found.");
                var version = RegisteredModels.FindVersion(s, model.Id, alias.Number)!;
                return MlflowJson.Answer(new { model_version = Registry.Versions(s, [version])[0] });
            },
            cancellation
        );

    private Task<IResult> ChangeAsync(
        Caller caller,
        string name,
        Action<ITransaction, RegisteredModel> change,
        string nameAfter,
        CancellationToken cancellation
    ) =>
        WriteAsync(
            t =>
            {
                change(t, Registry.Model(t, caller, name));
                return Answer(t, Registry.Model(t, caller, nameAfter));
            },
            cancellation
        );

    private static IResult Answer(ISession s, RegisteredModel model) =>
        MlflowJson.Answer(new { registered_model = Registry.Models(s, [model])[0] });

    private static void RequireFree(ISession s, Caller caller, string name)
    {
        if (RegisteredModels.Find(s, caller, name) is not null)
        {
            throw MlflowException.Exists($"Registered Model (name={name}) already exists.");
        }
    }

    private Task<IResult> WriteAsync(Func<ITransaction, IResult> work, CancellationToken cancellation) =>
        stores.Core.WriteAsync(work, cancellation: cancellation);
}
