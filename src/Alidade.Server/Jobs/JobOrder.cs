using Alidade.Engine.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Jobs;

/// <summary>What a list of jobs goes by, with the parts of it that an index has in that order.</summary>
internal sealed record JobOrder
{
    private static readonly string StatusKey =
        "CASE j.state "
        + string.Concat(Enum.GetValues<JobState>().Select(s => $"WHEN '{s.Word()}' THEN '{DioptraStatus.Of(s)}' "))
        + "END";

    /// <summary>Null for the id alone.</summary>
    private string? Key { get; init; }

    private bool IsByDescription { get; init; }

    private bool IsByStatus { get; init; }

    public static JobOrder Of(Listing listing) =>
        listing.SortBy switch
        {
            null or "id" => new JobOrder(),
            "createdOn" or "lastModifiedOn" => new JobOrder { Key = "j.modified" },
            "description" => new JobOrder
            {
                Key = $"(SELECT {ResourceKind.DescriptionKey} FROM resource r WHERE r.id = j.id)",
                IsByDescription = true,
            },
            "status" => new JobOrder { IsByStatus = true },
            "experiment" => new JobOrder { Key = Pinned("experiment_snapshot") },
            "entrypoint" => new JobOrder { Key = Pinned("entrypoint_snapshot") },
            "queue" => new JobOrder { Key = Pinned("queue_snapshot") },
            _ => throw new RefusedException(
                "SortParameterValidationError",
                $"The sort parameter, {listing.SortBy}, for job is not sortable. Sort by id, description, createdOn, "
                    + "lastModifiedOn, status, experiment, entrypoint or queue."
            ),
        };

    /// <param name="where">The rows of the list.</param>
    /// <param name="parts">The same in parts.</param>
    public ListQuery Query(JobSearch search, string where, IReadOnlyList<JobPart> parts) =>
        new()
        {
            From = "job j",
            Id = "j.id",
            Where = $"j.deleted IS NULL AND {where}",
            Key = Key,
            SectionKey = IsByStatus ? StatusKey : null,
            Search = search.Compiled,
            Sections = IsByStatus
                ? [.. Statuses(search).Select(states => ByState(parts, states))]
                :
                [
                    IsByDescription ? [.. parts.Select(ByDescription)]
                    : Key is null && search.Status is { } asked ? ByState(parts, asked)
                    : [.. parts.Select(part => new ListPart($"j.deleted IS NULL AND {part.Where}"))],
                ],
            Total = () => 0,
        };

    /// <summary>The states of each status, in the order of its words.</summary>
    private static IEnumerable<IEnumerable<JobState>> Statuses(JobSearch search) =>
        (search.Status ?? Enum.GetValues<JobState>())
            .GroupBy(DioptraStatus.Of)
            .OrderBy(status => status.Key, StringComparer.Ordinal);

    private static IReadOnlyList<ListPart> ByState(IReadOnlyList<JobPart> parts, IEnumerable<JobState> states) =>
        [
            .. from part in parts
            from state in states
            select new ListPart($"j.deleted IS NULL AND {part.Where} AND j.state = '{state.Word()}'"),
        ];

    /// <summary>A job's description is that of its resource, and the index of resources is in this order.</summary>
    private static ListPart ByDescription(JobPart part) =>
        new($"r.kind = 'job' AND r.deleted IS NULL AND {part.OfResource} AND j.id = r.id AND {part.Where}")
        {
            From = "resource r CROSS JOIN job j",
            Id = "r.id",
            Key = ResourceKind.DescriptionKey,
        };

    private static string Pinned(string column) =>
        $"(SELECT pin.name FROM job_detail d JOIN snapshot pin ON pin.id = d.{column} WHERE d.job = j.id)";
}

/// <summary>A part of a list of jobs.</summary>
/// <param name="Where">Its jobs, alias <c>j</c>.</param>
/// <param name="OfResource">The group of their resources, alias <c>r</c>.</param>
internal sealed record JobPart(string Where, string OfResource);
