using Alidade.Engine.Jobs;
using Alidade.Engine.Search;
using Alidade.Server.Platform.Resources;
using Alidade.Storage.Jobs;
using Alidade.Storage.Search;

namespace Alidade.Server.Jobs;

/// <summary>What a search looks for in jobs. Few words stand for a status or a timeout, so those are matched here.</summary>
internal sealed class JobSearch
{
    private const string TagField = "tag";

    private static readonly string[] Fields = ["description", "status", "timeout", TagField];

    private readonly ISession _s;

    private JobSearch(ISession s, string text)
    {
        _s = s;
        Compiled = Search.Compile(text, Fields, Condition);
    }

    public CompiledSearch Compiled { get; }

    /// <summary>The states that terms about the status leave; null when there are none.</summary>
    public IReadOnlyList<JobState>? Status { get; private set; }

    /// <summary>Over jobs, alias <c>j</c>.</summary>
    public static JobSearch Of(ISession s, string text) => new(s, text);

    /// <summary>Over the events of one job, which are its snapshots.</summary>
    public static Func<JobEventRow, bool>? Matcher(string text, JobDetail job, IReadOnlyList<TagRow> tags) =>
        Search.Matcher<JobEventRow>(
            text,
            Fields,
            (row, field) =>
                field switch
                {
                    "description" => [job.Description],
                    "status" => [DioptraStatus.Of(States.Job(row.State))],
                    "timeout" => [job.Timeout],
                    _ => tags.Select(string? (tag) => tag.Name),
                }
        );

    private SearchCondition Condition(CompiledSearch search, string? field, SearchPattern pattern) =>
        field switch
        {
            "description" => Description(search, pattern),
            "status" => ByStatus(search, pattern),
            "timeout" => Timeout(search, pattern),
            TagField => SearchConditions.Tag(search, "j.id", pattern),
            _ => SearchCondition.Any([
                .. new[]
                {
                    Description(search, pattern),
                    WithState(search, Matching(pattern)),
                    Timeout(search, pattern),
                    SearchConditions.Tag(search, "j.id", pattern),
                }.Where(c => c != SearchCondition.Never),
            ]),
        };

    private SearchCondition Description(CompiledSearch search, SearchPattern pattern) =>
        SearchConditions.Texts(search, _s.Dialect, JobReader.Kind.Name, [SearchText.Description], "j.id", pattern);

    private SearchCondition ByStatus(CompiledSearch search, SearchPattern pattern)
    {
        // Dioptra's words count a cancelled job among the failed; our own tell them apart.
        var own = Enum.GetValues<JobState>().Where(state => pattern.Matches(state.Word()));
        IReadOnlyList<JobState> matching = [.. Matching(pattern).Union(own)];
        Status = Status is null ? matching : [.. Status.Intersect(matching)];
        return WithState(search, matching);
    }

    private static IReadOnlyList<JobState> Matching(SearchPattern pattern) =>
        [.. Enum.GetValues<JobState>().Where(state => pattern.Matches(DioptraStatus.Of(state)))];

    private static SearchCondition WithState(CompiledSearch search, IReadOnlyList<JobState> states)
    {
        if (states.Count == 0)
        {
            return SearchCondition.Never;
        }

        var any = search.Add(states.Select(state => state.Word()).ToArray());
        return new SearchCondition(
            $"j.state = ANY({any})",
            $"SELECT js.id FROM job js WHERE js.group_id = ANY(@Groups) AND js.state = ANY({any}) AND js.deleted IS NULL",
            SearchCost.Link
        );
    }

    private SearchCondition Timeout(CompiledSearch search, SearchPattern pattern)
    {
        var matching = Timeouts().Where(t => pattern.Matches(TextFolding.Fold(t))).ToArray();
        if (matching.Length == 0)
        {
            return SearchCondition.Never;
        }

        var any = search.Add(matching);
        return new SearchCondition(
            $"EXISTS (SELECT 1 FROM job_detail d WHERE d.job = j.id AND d.timeout = ANY({any}))",
            $"SELECT d.job AS id FROM job_detail d WHERE d.timeout = ANY({any})",
            SearchCost.Link
        );
    }

    /// <summary>The different timeouts there are, each found with one step into their index.</summary>
    private IReadOnlyList<string> Timeouts() =>
        _s.Query<string>(
            """
            WITH RECURSIVE known (timeout) AS (
                SELECT MIN(timeout) FROM job_detail
                UNION ALL SELECT (SELECT MIN(d.timeout) FROM job_detail d WHERE d.timeout > known.timeout) FROM known
                WHERE known.timeout IS NOT NULL)
            SELECT timeout FROM known WHERE timeout IS NOT NULL
            """
        );
}
