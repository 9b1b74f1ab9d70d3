using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Models;

/// <summary>What pages show of models whose ids they have read as their caller.</summary>
public sealed class RegistryReader(Stores stores)
{
    public Task<ILookup<long, ModelAlias>> AliasesAsync(IReadOnlyList<long> models, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => ModelMarks.Aliases(s, models), cancellation);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<RegisteredVersion>> VersionsAsync(long model, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => RegisteredModels.Versions(s, model), cancellation);

    /// <summary>Evaluations of a version that have finished, by name.</summary>
    public Task<IReadOnlyList<string>> EvaluationsAsync(
        Caller caller,
        long model,
        long number,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync<IReadOnlyList<string>>(
            s =>
            {
                var found = Resources.Get(s, ResourceKind.Model, caller, model);
                var of = new RegisteredModel
                {
                    Id = model,
                    GroupId = found.GroupId,
                    Name = found.Name!,
                };
                return [.. AliasGates.Finished(s, of, number).Order(StringComparer.Ordinal)];
            },
            cancellation
        );

    public Task<IReadOnlyList<KeyValuePair<string, string>>> TagsAsync(long version, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<KeyValuePair<string, string>>>(
            s => [.. ModelMarks.Tags(s, [version])[version].Select(t => KeyValuePair.Create(t.Name, t.Value))],
            cancellation
        );
}
