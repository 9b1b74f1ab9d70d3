using System.Text.Json.Nodes;
using Alidade.Server.Metrics;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs.Tables;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs;

/// <summary>Runs that clients track by themselves: list, detail, deletion.</summary>
public sealed class TrackedRunService(Stores stores, RunSignals signals)
{
    private const string Kind = "run";
    private const int MostPoints = 100_000;

    /// <summary>Of the runs whose names begin with the first word.</summary>
    private const int MostLookedAt = 100;

    /// <summary>Fewer digits than these many runs have.</summary>
    private const int FewestDigits = 4;

    /// <summary>The newest first; the search is a filter over runs.</summary>
    public Task<Page<RunSummaryView>> ListAsync(Caller caller, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var within = listing.GroupId is { } group
                    ? caller with
                    {
                        Groups = caller.Groups.Where(g => g.Key == group).ToDictionary(),
                    }
                    : caller;
                var sort = listing.SortBy is { } by
                    ? FieldName.TryParse(by)
                        ?? throw new InvalidInputException(
                            "sortBy",
                            $"There is no '{by}'. There is {FieldName.Choices}."
                        )
                    : null;
                var query = TableQuery.Of(s, within, null, listing.Search, sort, listing.Descending);
                var most = (int)Math.Min(listing.Index + listing.Limit, TableQuery.CountedAtMost);
                var ids = query.Ids(s, null, most).Skip((int)Math.Min(listing.Index, int.MaxValue)).ToList();
                var total = query.Count(s, TableQuery.CountedAtMost + 1);
                return Page.Of(
                    "runs",
                    listing,
                    Math.Min(total, TableQuery.CountedAtMost),
                    [.. RunHeads.Of(s, ids).Select(r => new RunSummaryView(r))]
                ) with
                {
                    TotalIsLowerBound = total > TableQuery.CountedAtMost,
                };
            },
            cancellation
        );

    /// <summary>Those that stand alone, by the beginning of their names or ids and further words in the names.</summary>
    public Task<IReadOnlyList<RunSummaryView>> NamedAsync(
        Caller caller,
        IReadOnlyList<string> words,
        int most,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync<IReadOnlyList<RunSummaryView>>(
            s =>
            {
                var named = RunLookup.ByName(s, caller.Visible, words[0], MostLookedAt);
                var numbered = IsBeginOfId(words) ? RunLookup.ById(s, caller.Visible, words[0], most) : [];
                return
                [
                    .. RunHeads
                        .Of(s, [.. numbered.Concat(named).Distinct()])
                        .Where(run => numbered.Contains(run.Id) || words.All(word => Has(run.Title, word)))
                        .Take(most)
                        .Select(run => new RunSummaryView(run)),
                ];
            },
            cancellation
        );

    /// <summary>Those that stand alone and still run, the newest first, and how many there are.</summary>
    public Task<(IReadOnlyList<RunSummaryView> Newest, long Total)> LiveAsync(
        Caller caller,
        int most,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync<(IReadOnlyList<RunSummaryView>, long)>(
            s =>
                (
                    [.. RunHeads.Of(s, RunLookup.Live(s, caller.Visible, most)).Select(r => new RunSummaryView(r))],
                    RunLookup.CountLive(s, caller.Visible)
                ),
            cancellation
        );

    public Task<RunView> GetAsync(Caller caller, string id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => View(s, Get(s, caller, id)), cancellation);

    public async Task<RunView> SetDeletedAsync(Caller caller, string id, bool deleted, CancellationToken cancellation)
    {
        var moved = await stores.Core.WriteAsync(
            t =>
            {
                var run = Get(t, caller, id);
                caller.Require(run.GroupId, Role.Contributor);
                if (run.Own == 1)
                {
                    throw new RefusedException(
                        "RunOfJobError",
                        $"Run {id} belongs to job {run.Job}. Delete or restore the job instead."
                    );
                }

                if (!deleted)
                {
                    TrackedRuns.RequireExperiment(t, caller, run);
                }

                if (run.Deleted is null == deleted)
                {
                    RunStore.SetDeleted(t, id, deleted);
                    Audit.Write(t, caller, deleted ? "delete" : "restore", Kind, id: null, id, run.GroupId);
                }

                return run;
            },
            cancellation: cancellation
        );
        signals.Publish(moved, deleted);
        return await GetAsync(caller, id, cancellation);
    }

    /// <summary>A series in at most about so many points, keeping first, least, greatest and last of each stretch.</summary>
    public async Task<SeriesView> SeriesAsync(
        Caller caller,
        string id,
        string name,
        int points,
        CancellationToken cancellation
    )
    {
        if (points is < 4 or > MostPoints)
        {
            throw new InvalidInputException("points", $"Must be from 4 to {MostPoints}.");
        }

        await stores.Core.ReadAsync(s => Get(s, caller, id), cancellation);
        var few = await stores.Series.ReadAsync(s => ChartReader.Read(s, id, name, points), cancellation);
        return new SeriesView(name, few.Steps, few.Values, few.Times);
    }

    /// <summary>A run the caller may see, deleted or not.</summary>
    internal static RunRow Get(ISession s, Caller caller, string id) =>
        TrackedRuns.Find(s, caller, id) ?? throw new NotFoundException(Kind, ("run_id", id));

    private static bool Has(string title, string word) => title.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static bool IsBeginOfId(IReadOnlyList<string> words) =>
        words is [{ Length: >= FewestDigits and <= 32 } word] && word.All(char.IsAsciiHexDigitLower);

    private static RunView View(ISession s, RunRow run)
    {
        var head = RunHeads.Of(s, [run.Id])[0];
        return new RunView(head)
        {
            Deleted = run.IsDeleted,
            Parameters = RunStore.Parameters(s, run.Id).ToDictionary(p => p.Name, p => p.Value),
            Tags = RunStore.Tags(s, run.Id).ToDictionary(p => p.Name, p => p.Value),
            Results = RunStore.Results(s, run.Id).ToDictionary(r => r.Name, r => Json(r.Value)),
            Metrics =
            [
                .. MetricReader
                    .Summaries(s, run.Id)
                    .Select(m => new ChartView(m.Name, m.Count, m.Last, m.LastStep, m.Min, m.Max)),
            ],
            Inputs = [.. RunInputs.Of(s, run.Id).Select(i => new RunInputView(i.Name, i.Digest, i.SourceType))],
            Files = [.. (RunFiles.Find(s, run.Id, "")?.Files ?? []).Select(RunFileView.Of)],
        };
    }

    private static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return text;
        }
    }
}
