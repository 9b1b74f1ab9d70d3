using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Groups;

/// <summary><c>/groups</c>.</summary>
public static class GroupApi
{
    public static void MapGroupApi(this IEndpointRouteBuilder api)
    {
        var groups = api.MapGroup("/groups").WithTags("groups");
        groups.MapGet("/", List).WithSummary("List groups");
        groups.MapGet("/{id:long}", Get).WithSummary("Get a group");
    }

    private static Task<Page<GroupView>> List(
        Listing listing,
        Caller caller,
        GroupService groups,
        CancellationToken cancellation
    ) => groups.ListAsync(caller, listing, cancellation);

    private static Task<GroupView> Get(long id, Caller caller, GroupService groups, CancellationToken cancellation) =>
        groups.GetAsync(caller, id, cancellation);
}
