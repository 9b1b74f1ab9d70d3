using Alidade.Engine.Graphs;
using Alidade.Server.Entrypoints;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Imports;

/// <summary>
/// What validation finds in the entrypoints of an import. None of it keeps them from being imported, as none keeps an
/// entrypoint from being saved: it may be completed here.
/// </summary>
public sealed class GraphWarnings(Stores stores)
{
    private const int Shown = 20;

    internal async Task<IReadOnlyList<string>> OfAsync(
        Caller caller,
        IEnumerable<long> entrypoints,
        CancellationToken cancellation
    )
    {
        var definitions = await stores.Core.ReadAsync(
            s =>
                entrypoints
                    .Select(id => Resources.Find(s, ResourceKind.Entrypoint, caller, id))
                    .OfType<Versioned>()
                    .Select(at => (at.Name, Definition: EntrypointDefinitions.Load(s, at)))
                    .ToList(),
            cancellation
        );
        return [.. definitions.SelectMany(found => Of(found.Name!, found.Definition))];
    }

    private static IEnumerable<string> Of(string entrypoint, EntrypointDefinition definition)
    {
        var issues = EntrypointValidator.Validate(definition);
        var shown = issues.Take(Shown).Select(issue => $"Entrypoint {entrypoint}: {issue}");
        return issues.Count <= Shown
            ? shown
            : shown.Append($"Entrypoint {entrypoint}: and {issues.Count - Shown} more.");
    }
}
