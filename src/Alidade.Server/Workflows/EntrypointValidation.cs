using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;
using Alidade.Server.Entrypoints;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Workflows;

/// <summary>Checks an entrypoint that is not saved yet, against the plugin snapshots it would pin.</summary>
public sealed class EntrypointValidation(Stores stores)
{
    public Task<ValidationView> CheckAsync(Caller caller, EntrypointDraft draft, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                caller.Require(draft.Group, Role.Reader);
                var from = caller.ReferringFrom(draft.Group);
                var payload = EntrypointService.PayloadOf(s, from, draft.AsChange());
                var plugins = EntrypointPins.At(s, from, draft.PluginSnapshots);
                RequireOneSnapshotEach(plugins);
                var definition = EntrypointDefinitions.Of(s, draft.Group, payload, plugins, plugins);
                return ValidationView.Of(EntrypointValidator.Validate(definition));
            },
            cancellation
        );

    private static void RequireOneSnapshotEach(IReadOnlyList<EntrypointPlugin> plugins)
    {
        var repeated = plugins.GroupBy(p => p.Id).FirstOrDefault(g => g.Count() > 1);
        if (repeated is not null)
        {
            throw new RefusedException(
                "DioptraError",
                $"pluginSnapshots holds the plugin {repeated.First().Name} more than once. "
                    + "Only one snapshot ID per resource ID is allowed."
            );
        }
    }
}

public sealed record EntrypointDraft(
    long Group,
    [Length(0, EntrypointInput.LongestGraph)] string TaskGraph,
    IReadOnlyList<long> PluginSnapshots,
    [NotNull] IReadOnlyList<ParameterInput>? Parameters = null,
    [NotNull, Length(0, EntrypointInput.LongestGraph)] string? ArtifactGraph = null,
    [NotNull] IReadOnlyList<ArtifactParameterInput>? Artifacts = null
)
{
    internal EntrypointChange AsChange() => new("draft", TaskGraph, null, ArtifactGraph, Parameters, Artifacts);
}

public sealed record ValidationView(bool SchemaValid, IReadOnlyList<IssueView> SchemaIssues)
{
    internal static ValidationView Of(IReadOnlyList<Issue> issues) =>
        new(issues.All(i => i.Severity != IssueSeverity.Error), [.. issues.Select(IssueView.Of)]);
}

/// <param name="Hint">What was probably meant.</param>
public sealed record IssueView(
    string Type,
    string Severity,
    string Message,
    string? Document,
    int? Line,
    int? Column,
    string? Hint
)
{
    internal static IssueView Of(Issue issue) =>
        new(
            issue.Type.ToString().ToUpperInvariant(),
            issue.Severity.ToString().ToUpperInvariant(),
            issue.Message,
            issue.Document,
            issue.Line,
            issue.Column,
            issue.Hint
        );
}
