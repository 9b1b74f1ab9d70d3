using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Search;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Runs;

public sealed record SearchRuns(
    IReadOnlyList<string> ExperimentIds,
    string? Filter,
    ViewType? RunViewType,
    long? MaxResults,
    IReadOnlyList<string> OrderBy,
    string? PageToken
);

/// <summary>Searches over runs.</summary>
public sealed class SearchFace(Stores stores, RunReader reader)
{
    private const int UsualPage = 1000;
    private const int LargestPage = 50_000;

    public async Task<IResult> RunsAsync(Caller caller, SearchRuns request, CancellationToken cancellation)
    {
        var limit = MaxResults.Of(request.MaxResults, UsualPage, LargestPage);
        var conditions = RunFilter.Compile(request.Filter);
        var order = RunFilter.Order(request.OrderBy);
        var after = PageToken.Read(request.PageToken);
        var (loaded, next) = await stores.Core.ReadAsync(
            s =>
            {
                var experiments = request
                    .ExperimentIds.Select(id => ExperimentIds.Find(s, caller, id))
                    .OfType<Server.Experiments.TrackedExperiment>()
                    .Select(e => e.Id)
                    .ToList();
                var query = new RunQuery(
                    s.Dialect,
                    experiments,
                    caller.Visible,
                    StageOf(request.RunViewType),
                    conditions,
                    order
                );
                var rows = query.Page(s, after, limit + 1);
                return (
                    RunReader.Load(s, caller, [.. rows.Take(limit)]),
                    rows.Count > limit ? PageToken.Of(query.PlaceOf(s, rows[limit - 1].Id)) : null
                );
            },
            cancellation
        );
        return MlflowJson.Answer(new SearchRunsAnswer(await reader.AnswersAsync(loaded, cancellation), next));
    }

    internal static Stage StageOf(ViewType? view) =>
        view switch
        {
            ViewType.DeletedOnly => Stage.Deleted,
            ViewType.All => Stage.All,
            _ => Stage.Active,
        };
}

public sealed record SearchRunsAnswer(IReadOnlyList<RunAnswer> Runs, string? NextPageToken);
