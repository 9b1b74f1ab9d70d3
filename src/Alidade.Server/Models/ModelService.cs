using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Models;

/// <summary>Names under which versions of a trained model are kept.</summary>
public sealed class ModelService(Stores stores)
    : VersionedService<ModelInput, ModelChange, ModelView>(stores, ResourceKind.Model)
{
    protected override Content ContentOf(
        ISession s,
        Caller caller,
        long group,
        ModelChange input,
        Versioned? current
    ) => new(input.Name, input.Description, new { });

    protected override IReadOnlyList<ModelView> Views(
        ISession s,
        Caller caller,
        IReadOnlyList<Versioned> rows,
        bool asSnapshot
    )
    {
        if (asSnapshot)
        {
            return [.. rows.Select(r => new ModelView(r, asSnapshot, [], null))];
        }

        long[] models = [.. rows.Select(r => r.Id)];
        var numbers = ModelVersions.Numbers(s, models);
        var latest = ModelVersions.Latest(s, models);
        return
        [
            .. rows.Select(r => new ModelView(
                r,
                asSnapshot,
                [.. numbers[r.Id]],
                latest.GetValueOrDefault(r.Id)?.View()
            )),
        ];
    }

    protected override ModelChange ChangeOf(ModelInput input) => new(input.Name, input.Description);

    protected internal override long GroupOf(ModelInput input) => input.Group;
}
