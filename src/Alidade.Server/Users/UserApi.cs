using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Users;

/// <summary><c>/users</c> and <c>/auth</c>.</summary>
public static class UserApi
{
    public static void MapUserApi(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("users");
        users.MapPost("/", Register).AllowAnonymous().WithSummary("Register an account");
        users.MapGet("/", List).WithSummary("List users");
        users.MapGet("/{id:long}", Get).WithSummary("Get a user");
        users
            .MapPost("/{id:long}/password", ChangePassword)
            .Needs(Access.Person)
            .WithSummary("Change a user's password");
        users.MapGet("/current", Current).WithSummary("Get the signed-in user");
        users.MapPut("/current", Modify).Needs(Access.Person).WithSummary("Rename the signed-in user");
        users.MapDelete("/current", Delete).Needs(Access.Person).WithSummary("Close the signed-in user's account");
        users
            .MapPost("/current/password", ChangeOwnPassword)
            .Needs(Access.Person)
            .WithSummary("Change the signed-in user's password");

        var auth = api.MapGroup("/auth").WithTags("auth");
        auth.MapPost("/login", Login).AllowAnonymous().WithSummary("Sign in");
        auth.MapPost("/logout", Logout).Needs(Access.Person).WithSummary("Sign out");
        auth.MapPost("/welcome", Welcome)
            .Needs(Access.Person)
            .WithSummary("Make a link that signs the current user in once");
    }

    private static Task<CurrentUserView> Register(
        Input<Registration> input,
        HttpContext context,
        AccountService accounts
    ) =>
        accounts.RegisterAsync(
            input,
            bySetupLink: false,
            RemoteAddress.IsOfThisMachine(context),
            context.RequestAborted
        );

    private static Task<Page<UserView>> List(
        Listing listing,
        Caller caller,
        UserService users,
        CancellationToken cancellation
    ) => users.ListAsync(listing, cancellation);

    private static Task<UserView> Get(long id, Caller caller, UserService users, CancellationToken cancellation) =>
        users.GetAsync(id, cancellation);

    private static Task<CurrentUserView> Current(Caller caller, UserService users, CancellationToken cancellation) =>
        users.CurrentAsync(caller, cancellation);

    private static Task<CurrentUserView> Modify(
        Input<UserChange> input,
        Caller caller,
        UserService users,
        CancellationToken cancellation
    ) => users.ModifyAsync(caller, input, cancellation);

    private static async Task<Deletion> Delete(
        Input<UserDeletion> input,
        Caller caller,
        AccountService accounts,
        HttpContext context
    )
    {
        var deletion = await accounts.DeleteAsync(
            caller,
            input.Value.Password,
            RemoteAddress.Of(context),
            context.RequestAborted
        );
        SessionCookie.Delete(context);
        return deletion;
    }

    private static Task<StatusView> ChangeOwnPassword(
        Input<PasswordChange> input,
        Caller caller,
        AccountService accounts,
        HttpContext context
    ) => ChangePassword(caller.UserId, input, caller, accounts, context);

    /// <summary>Who knows the old password may change it: it is how an expired one is renewed.</summary>
    private static async Task<StatusView> ChangePassword(
        long id,
        Input<PasswordChange> input,
        Caller caller,
        AccountService accounts,
        HttpContext context
    )
    {
        await accounts.ChangePasswordAsync(caller, id, input, RemoteAddress.Of(context), context.RequestAborted);
        return new StatusView("Password Change Success");
    }

    private static async Task<LoginView> Login(
        Input<SignIn> input,
        AccountService accounts,
        SignInStore sessions,
        HttpContext context,
        TimeProvider time
    )
    {
        var address = RemoteAddress.Of(context);
        var id = await accounts.VerifyAsync(input, address, context.RequestAborted);
        SessionCookie.Write(context, await sessions.BeginAsync(id, address, context.RequestAborted), time);
        return new LoginView(input.Value.Username, "Login successful");
    }

    private static async Task<LogoutView> Logout(
        Caller caller,
        SignInStore sessions,
        Storage.Platform.Stores stores,
        HttpContext context,
        string? everywhere = null
    )
    {
        var all = Scalars.ParseBoolean(everywhere ?? "") ?? false;
        if (all)
        {
            await stores.Core.WriteAsync(
                t =>
                {
                    SignInStore.EndAll(t, caller.UserId);
                    Audit.Write(t, caller, "sign_out", "user", caller.UserId, "everywhere");
                    return true;
                },
                cancellation: context.RequestAborted
            );
        }
        else
        {
            await sessions.EndAsync(caller, SessionCookie.Read(context.Request)!, context.RequestAborted);
        }

        SessionCookie.Delete(context);
        return new LogoutView(caller.Username, all, "Logout successful");
    }

    private static async Task<WelcomeView> Welcome(Caller caller, WelcomeService welcome, HttpContext context)
    {
        var code = await welcome.IssueAsync(caller.UserId, context.RequestAborted);
        return new WelcomeView($"{context.Request.Scheme}://{context.Request.Host}/welcome?code={code}");
    }
}

public sealed record StatusView(string Status);

public sealed record LoginView(string Username, string Status);

public sealed record LogoutView(string Username, bool Everywhere, string Status);

public sealed record WelcomeView(string Url);
