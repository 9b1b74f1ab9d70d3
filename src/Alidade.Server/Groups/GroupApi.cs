using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Groups;

/// <summary><c>/groups</c>, their members and invitations.</summary>
public static class GroupApi
{
    public static void MapGroupApi(this IEndpointRouteBuilder api)
    {
        var groups = api.MapGroup("/groups").WithTags("groups");
        groups.MapGet("/", List).WithSummary("List groups");
        groups.MapGet("/{id:long}", Get).WithSummary("Get a group");
        groups.MapPost("/", Create).WithSummary("Make a group, with the caller as its admin").Needs(Access.Manage);
        groups.MapPut("/{id:long}", Rename).WithSummary("Rename a group").Needs(Access.Manage);
        groups.MapDelete("/{id:long}", Delete).WithSummary("Delete an empty group").Needs(Access.Manage);
        groups
            .MapGet(
                "/{id:long}/quota",
                (long id, Caller caller, QuotaService quotas, CancellationToken c) => quotas.GetAsync(caller, id, c)
            )
            .WithSummary("How many of its jobs may run at once");
        groups
            .MapPut(
                "/{id:long}/quota",
                (long id, Input<Quota> input, Caller caller, QuotaService quotas, CancellationToken c) =>
                    quotas.SetAsync(caller, id, input, c)
            )
            .WithSummary("Say how many of its jobs may run at once; for admins of the public group")
            .Needs(Access.Manage);
        MapMembers(groups.MapGroup("/{id:long}/members"));
        MapInvitations(groups.MapGroup("/{id:long}/invitations").Needs(Access.Manage));
        api.MapPost("/invitations/{code}/accept", Accept)
            .WithTags("groups")
            .WithSummary("Join a group by an invitation")
            .Needs(Access.Person);
    }

    private static void MapMembers(RouteGroupBuilder members)
    {
        members
            .MapGet(
                "/",
                (long id, Caller caller, MemberService service, CancellationToken c) => service.ListAsync(caller, id, c)
            )
            .WithSummary("List its members");
        members
            .MapPost(
                "/",
                (long id, Input<MemberInput> input, Caller caller, MemberService service, CancellationToken c) =>
                    service.AddAsync(caller, id, input, c)
            )
            .WithSummary("Let a user in")
            .Needs(Access.Manage);
        members
            .MapPut(
                "/{user:long}",
                (
                    long id,
                    long user,
                    Input<MemberChange> input,
                    Caller caller,
                    MemberService service,
                    CancellationToken c
                ) => service.ChangeAsync(caller, id, user, input, c)
            )
            .WithSummary("Give a member another role")
            .Needs(Access.Manage);
        members
            .MapDelete(
                "/{user:long}",
                (long id, long user, Caller caller, MemberService service, CancellationToken c) =>
                    service.RemoveAsync(caller, id, user, c)
            )
            .WithSummary("Remove a member, or leave")
            .Needs(Access.Manage);
    }

    private static void MapInvitations(RouteGroupBuilder invitations)
    {
        invitations
            .MapPost("/", Invite)
            .WithSummary("Make a link that lets its bearer into the group once; it is shown once");
        invitations
            .MapGet(
                "/",
                (long id, Caller caller, InvitationService service, CancellationToken c) =>
                    service.ListAsync(caller, id, c)
            )
            .WithSummary("List its open invitations");
        invitations
            .MapDelete(
                "/{invitation:long}",
                (long id, long invitation, Caller caller, InvitationService service, CancellationToken c) =>
                    service.WithdrawAsync(caller, id, invitation, c)
            )
            .WithSummary("Withdraw an invitation");
    }

    private static Task<Page<GroupView>> List(
        Listing listing,
        Caller caller,
        GroupService groups,
        CancellationToken cancellation
    ) => groups.ListAsync(caller, listing, cancellation);

    private static Task<GroupView> Get(long id, Caller caller, GroupService groups, CancellationToken cancellation) =>
        groups.GetAsync(caller, id, cancellation);

    private static Task<GroupView> Create(
        Input<GroupInput> input,
        Caller caller,
        GroupLifecycle groups,
        CancellationToken cancellation
    ) => groups.CreateAsync(caller, input, cancellation);

    private static Task<GroupView> Rename(
        long id,
        Input<GroupInput> input,
        Caller caller,
        GroupLifecycle groups,
        CancellationToken cancellation
    ) => groups.RenameAsync(caller, id, input, cancellation);

    private static Task<Deletion> Delete(
        long id,
        Caller caller,
        GroupLifecycle groups,
        CancellationToken cancellation
    ) => groups.DeleteAsync(caller, id, cancellation);

    private static Task<InvitationCreated> Invite(
        long id,
        Input<InvitationInput> input,
        Caller caller,
        InvitationService service,
        HttpContext context
    ) =>
        service.CreateAsync(
            caller,
            id,
            input,
            $"{context.Request.Scheme}://{context.Request.Host}",
            context.RequestAborted
        );

    private static Task<GroupView> Accept(
        string code,
        Caller caller,
        InvitationService service,
        CancellationToken cancellation
    ) => service.AcceptAsync(caller, code, cancellation);
}
