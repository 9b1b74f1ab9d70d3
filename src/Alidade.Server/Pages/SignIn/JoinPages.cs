using Alidade.Server.Configuration;
using Alidade.Server.Groups;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.SignIn;

/// <summary>Where the link of an invitation leads: who has an account joins with a click, others make one first.</summary>
internal static class JoinPages
{
    public static void MapJoinPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/join", ShowAsync).AllowAnonymous();
        pages.MapPost("/join", JoinAsync);
    }

    private static async Task<IResult> ShowAsync(
        string? code,
        HttpContext context,
        InvitationService invitations,
        ServerOptions options
    )
    {
        if (code is null || await invitations.FindAsync(code, context.RequestAborted) is not { } invitation)
        {
            return SignInPages.Notice(
                "This invitation is of no use",
                "It was used or withdrawn, or is too old. Ask for another one.",
                StatusCodes.Status410Gone
            );
        }

        return context.Features.Get<Caller>() is { } caller
            ? PageResults.Page<JoinPage>(
                new
                {
                    Code = code,
                    Group = invitation.GroupName,
                    invitation.Role,
                    caller.Username,
                }
            )
            : SignInPages.RegisterForm(
                first: false,
                code,
                username: null,
                email: null,
                options,
                FormErrors.None,
                invitation.GroupName
            );
    }

    private static async Task<IResult> JoinAsync(HttpContext context, Caller caller, InvitationService invitations)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        await invitations.AcceptAsync(caller, form["code"].ToString(), context.RequestAborted);
        return PageResults.SeeOther("/account");
    }
}
