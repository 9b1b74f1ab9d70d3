using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Jobs;

namespace Alidade.Server.Jobs;

/// <summary>A page of jobs.</summary>
/// <param name="IsLowerBound">There are at least <paramref name="Total"/>.</param>
internal sealed record JobPage(IReadOnlyList<JobRow> Rows, long Total, bool IsLowerBound);

/// <summary>Pages of jobs and of their snapshots: filter, search, sort and total.</summary>
internal static class JobList
{
    /// <summary>Matches of a search are counted up to here.</summary>
    private const long CountedAtMost = 10_000;

    public static JobPage Page(ISession s, Caller caller, Listing listing, long? experiment)
    {
        var search = JobSearch.Of(s, listing.Search);
        var args = search.Compiled.Arguments;
        args["Groups"] = ResourceLists.Groups(caller, listing.GroupId);
        args["Experiment"] = experiment;
        var found = (experiment is null ? OfGroups(s, search, listing) : OfExperiment(s, search, listing)).Read(
            s,
            listing
        );
        var rows = s.Query<JobRow>("SELECT * FROM job WHERE id = ANY(@Ids)", new { Ids = found.Ids.ToArray() })
            .ToDictionary(row => row.Id);
        return new JobPage([.. found.Ids.Select(id => rows[id])], found.Total, found.IsLowerBound);
    }

    public static (IReadOnlyList<JobEventRow> Rows, long Total) Snapshots(ISession s, JobRow job, Listing listing)
    {
        var args = new
        {
            job.Id,
            listing.Limit,
            Offset = listing.Index,
        };
        if (listing.Search.Length == 0)
        {
            return (
                s.Query<JobEventRow>(
                    "SELECT * FROM job_event WHERE job = @Id ORDER BY seq LIMIT @Limit OFFSET @Offset",
                    args
                ),
                s.Scalar<long>("SELECT COUNT(*) FROM job_event WHERE job = @Id", args)
            );
        }

        var tags = s.Query<TagRow>(
            "SELECT t.name FROM resource_tag rt JOIN tag t ON t.id = rt.tag_id WHERE rt.resource_id = @Id",
            args
        );
        var matches = JobSearch.Matcher(listing.Search, JobReader.Detail(s, job.Id), tags);
        var events = s.Query<JobEventRow>("SELECT * FROM job_event WHERE job = @Id ORDER BY seq", args)
            .Where(e => matches is null || matches(e))
            .ToList();
        var page = events.Skip((int)Math.Min(listing.Index, int.MaxValue)).Take((int)listing.Limit);
        return ([.. page], events.Count);
    }

    private static ListQuery OfGroups(ISession s, JobSearch search, Listing listing)
    {
        var groups = ResourceLists.Totals(s, JobReader.Kind, (long[])search.Compiled.Arguments["Groups"]!);
        var parts = ResourceLists
            .PartsByGroup(search.Compiled, "group_id", [.. groups.Select(g => g.GroupId)])
            .Select(inGroup => new JobPart("j." + inGroup, "r." + inGroup));
        return JobOrder.Of(listing).Query(search, "j.group_id = ANY(@Groups)", [.. parts]) with
        {
            Total = () => groups.Sum(g => g.Total),
            CountedAtMost = CountedAtMost,
        };
    }

    /// <summary>The jobs of an experiment are in its group, which the caller may see.</summary>
    private static ListQuery OfExperiment(ISession s, JobSearch search, Listing listing)
    {
        var inGroup = listing.GroupId is null ? "" : " AND j.group_id = ANY(@Groups)";
        var where = "j.experiment = @Experiment" + inGroup;
        var args = search.Compiled.Arguments;
        var part = new JobPart(where, "r.group_id = (SELECT e.group_id FROM resource e WHERE e.id = @Experiment)");
        return JobOrder.Of(listing).Query(search, where, [part]) with
        {
            Total = () =>
                inGroup.Length == 0
                    ? s.First<long>("SELECT total FROM job_count WHERE experiment = @Experiment", args)
                    : s.Scalar<long>($"SELECT COUNT(*) FROM job j WHERE j.deleted IS NULL AND {where}", args),
            CountedAtMost = CountedAtMost,
            IsNarrow = true,
        };
    }
}
