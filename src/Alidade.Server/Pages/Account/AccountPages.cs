using Alidade.Server.Groups;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Users;

namespace Alidade.Server.Pages.Account;

/// <summary>The signed-in user's page.</summary>
internal static class AccountPages
{
    public static void MapAccountPages(this IEndpointRouteBuilder pages) => pages.MapGet("/account", ShowAsync);

    private static async Task<IResult> ShowAsync(
        Caller caller,
        HttpContext context,
        UserService users,
        GroupService groups
    )
    {
        var user = await users.CurrentAsync(caller, context.RequestAborted);
        var mine = await groups.ListAsync(caller, new Listing(PageLength: 0), context.RequestAborted);
        var memberships = mine.Data.Select(group => new Membership(
            group.Name,
            group.Members.Count,
            caller.Groups[group.Id].ToString().ToLowerInvariant()
        ));
        return PageResults.Page<AccountPage>(
            new { Model = new AccountModel(user.Username, user.Email, [.. memberships], ServerAddress.Of(context)) }
        );
    }
}
