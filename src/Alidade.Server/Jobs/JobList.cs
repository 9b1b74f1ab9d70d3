using Alidade.Engine.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Jobs;

namespace Alidade.Server.Jobs;

/// <summary>Pages of jobs and of their snapshots: filter, search, sort and total.</summary>
internal static class JobList
{
    private static readonly string StatusCase =
        "CASE {0} "
        + string.Concat(Enum.GetValues<JobState>().Select(s => $"WHEN '{s.Word()}' THEN '{DioptraStatus.Of(s)}' "))
        + "END";

    public static (IReadOnlyList<JobRow> Rows, long Total) Page(
        ISession s,
        Caller caller,
        Listing listing,
        long? experiment
    )
    {
        var search = Search.Compile(listing.Search, Conditions("j.state"));
        var args = search.Arguments;
        args["Groups"] = ResourceLists.Groups(caller, listing.GroupId);
        args["Experiment"] = experiment;
        args["Limit"] = listing.Limit;
        args["Offset"] = listing.Index;
        var where =
            " WHERE j.deleted IS NULL AND j.group_id = ANY(@Groups)"
            + (experiment is null ? "" : " AND j.experiment = @Experiment")
            + search.Where;
        var (join, order) = Order(listing);
        var detail = search.Where.Length == 0 && join.Length == 0 ? "" : " JOIN job_detail d ON d.job = j.id";
        var rows = s.Query<JobRow>(
            $"SELECT j.* FROM job j{detail}{join}{where} ORDER BY {order} LIMIT @Limit OFFSET @Offset",
            args
        );
        var total =
            experiment is null && search.Where.Length == 0
                ? s.Scalar<long>(
                    "SELECT CAST(COALESCE(SUM(total), 0) AS BIGINT) FROM resource_count WHERE kind = 'job' AND group_id = ANY(@Groups)",
                    args
                )
                : s.Scalar<long>($"SELECT COUNT(*) FROM job j{detail}{where}", args);
        return (rows, total);
    }

    public static (IReadOnlyList<JobEventRow> Rows, long Total) Snapshots(ISession s, JobRow job, Listing listing)
    {
        var search = Search.Compile(listing.Search, Conditions("e.state"));
        var args = search.Arguments;
        args["Job"] = job.Id;
        args["Limit"] = listing.Limit;
        args["Offset"] = listing.Index;
        var from =
            " FROM job_event e JOIN job j ON j.id = e.job JOIN job_detail d ON d.job = e.job WHERE e.job = @Job"
            + search.Where;
        return (
            s.Query<JobEventRow>($"SELECT e.* {from} ORDER BY e.seq LIMIT @Limit OFFSET @Offset", args),
            s.Scalar<long>("SELECT COUNT(*)" + from, args)
        );
    }

    private static IReadOnlyList<(string Field, string Condition)> Conditions(string state) =>
        [
            ("description", "LOWER(d.description) LIKE {0} ESCAPE '/'"),
            ("status", Status(state) + " LIKE {0} ESCAPE '/'"),
            ("timeout", "LOWER(d.timeout) LIKE {0} ESCAPE '/'"),
            (
                "tag",
                "EXISTS (SELECT 1 FROM resource_tag rt JOIN tag t ON t.id = rt.tag_id WHERE rt.resource_id = j.id AND t.folded LIKE {0} ESCAPE '/')"
            ),
        ];

    private static string Status(string state) => StatusCase.Replace("{0}", state, StringComparison.Ordinal);

    /// <summary>Every order ends with the id, so that pages neither repeat nor skip.</summary>
    private static (string Join, string Order) Order(Listing listing)
    {
        var direction = listing.Descending ? "DESC" : "ASC";
        var (join, column) = listing.SortBy switch
        {
            null or "id" => ("", null),
            "createdOn" or "lastModifiedOn" => ("", "j.modified"),
            "description" => (" ", "d.description"),
            "status" => ("", Status("j.state")),
            "experiment" => (Pinned("experiment_snapshot"), "pin.name"),
            "entrypoint" => (Pinned("entrypoint_snapshot"), "pin.name"),
            "queue" => (Pinned("queue_snapshot"), "pin.name"),
            _ => throw new RefusedException(
                "SortParameterValidationError",
                $"The sort parameter, {listing.SortBy}, for job is not sortable. Sort by id, description, createdOn, "
                    + "lastModifiedOn, status, experiment, entrypoint or queue."
            ),
        };
        return (join, column is null ? $"j.id {direction}" : $"{column} {direction}, j.id {direction}");
    }

    private static string Pinned(string column) => $" JOIN snapshot pin ON pin.id = d.{column}";
}
