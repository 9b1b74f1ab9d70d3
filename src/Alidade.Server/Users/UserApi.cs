using System.Net;
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
        users.MapPost("/{id:long}/password", ChangePassword).WithSummary("Change a user's password");
        users.MapGet("/current", Current).WithSummary("Get the signed-in user");
        users.MapPut("/current", Modify).WithSummary("Rename the signed-in user");
        users.MapDelete("/current", Delete).WithSummary("Close the signed-in user's account");
        users.MapPost("/current/password", ChangeOwnPassword).WithSummary("Change the signed-in user's password");

        var auth = api.MapGroup("/auth").WithTags("auth");
        auth.MapPost("/login", Login).AllowAnonymous().WithSummary("Sign in");
        auth.MapPost("/logout", Logout).WithSummary("Sign out");
        auth.MapPost("/welcome", Welcome).WithSummary("Make a link that signs the current user in once");
    }

    private static Task<CurrentUserView> Register(Input<Registration> input, HttpContext context, UserService users) =>
        users.RegisterAsync(input, invited: false, IsLoopback(context), context.RequestAborted);

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
        UserService users,
        HttpContext context
    )
    {
        var deletion = await users.DeleteAsync(caller, input.Value.Password, context.RequestAborted);
        SessionCookie.Delete(context);
        return deletion;
    }

    private static Task<StatusView> ChangeOwnPassword(
        Input<PasswordChange> input,
        Caller caller,
        UserService users,
        CancellationToken cancellation
    ) => ChangePassword(caller.UserId, input, caller, users, cancellation);

    /// <summary>Who knows the old password may change it: it is how an expired one is renewed.</summary>
    private static async Task<StatusView> ChangePassword(
        long id,
        Input<PasswordChange> input,
        Caller caller,
        UserService users,
        CancellationToken cancellation
    )
    {
        await users.ChangePasswordAsync(id, input, cancellation);
        return new StatusView("Password Change Success");
    }

    private static async Task<LoginView> Login(
        Input<SignIn> input,
        UserService users,
        SignInStore sessions,
        HttpContext context,
        TimeProvider time
    )
    {
        var id = await users.VerifyAsync(input, context.RequestAborted);
        SessionCookie.Write(context, await sessions.BeginAsync(id, context.RequestAborted), time);
        return new LoginView(input.Value.Username, "Login successful");
    }

    private static async Task<LogoutView> Logout(
        Caller caller,
        SignInStore sessions,
        Storage.Platform.Stores stores,
        HttpContext context
    )
    {
        var everywhere = Scalars.ParseBoolean(context.Request.Query["everywhere"].ToString()) ?? false;
        if (everywhere)
        {
            await stores.Core.WriteAsync(
                t =>
                {
                    SignInStore.EndAll(t, caller.UserId);
                    return true;
                },
                cancellation: context.RequestAborted
            );
        }
        else
        {
            await sessions.EndAsync(SessionCookie.Read(context.Request)!, context.RequestAborted);
        }

        SessionCookie.Delete(context);
        return new LogoutView(caller.Username, everywhere, "Logout successful");
    }

    private static async Task<WelcomeView> Welcome(Caller caller, WelcomeService welcome, HttpContext context)
    {
        var code = await welcome.IssueAsync(caller.UserId, context.RequestAborted);
        return new WelcomeView($"{context.Request.Scheme}://{context.Request.Host}/welcome?code={code}");
    }

    private static bool IsLoopback(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);
}

public sealed record StatusView(string Status);

public sealed record LoginView(string Username, string Status);

public sealed record LogoutView(string Username, bool Everywhere, string Status);

public sealed record WelcomeView(string Url);
