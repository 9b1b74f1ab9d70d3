using System.Text.Json.Nodes;
using Alidade.Server.Configuration;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Server.Users;
using SignInRequest = Alidade.Server.Users.SignIn;

namespace Alidade.Server.Pages.SignIn;

/// <summary>The ways in: sign-in, the one-time link, making an account; and the way out.</summary>
internal static class SignInPages
{
    public static void MapSignInPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/signin", ShowAsync).AllowAnonymous();
        pages.MapPost("/signin", SignInAsync).AllowAnonymous();
        pages.MapPost("/signout", SignOutAsync).AllowAnonymous();
        pages.MapGet("/register", ShowRegisterAsync).AllowAnonymous();
        pages.MapPost("/register", RegisterAsync).AllowAnonymous();
        pages.MapGet("/welcome", WelcomeAsync).AllowAnonymous();
        pages.MapPost("/welcome", CreateFirstAsync).AllowAnonymous();
    }

    private static async Task<IResult> ShowAsync(HttpContext context, ServerOptions options, UserService users) =>
        await users.AnyAsync(context.RequestAborted) || options.Registration == "closed"
            ? SignInForm(context, options, null, null)
            : PageResults.SeeOther("/register");

    private static IResult SignInForm(
        HttpContext context,
        ServerOptions options,
        string? username,
        string? error,
        int status = StatusCodes.Status200OK
    ) =>
        PageResults.Page<SignInPage>(
            new
            {
                Next = LocalPath(
                    context.Request.HasFormContentType ? context.Request.Form["next"] : context.Request.Query["next"]
                ),
                Username = username,
                Error = error,
                MayRegister = options.Registration == "open",
            },
            status == StatusCodes.Status401Unauthorized ? StatusCodes.Status422UnprocessableEntity : status
        );

    private static async Task<IResult> SignInAsync(
        HttpContext context,
        AccountService accounts,
        SignInStore sessions,
        ServerOptions options,
        TimeProvider time
    )
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var username = form["username"].ToString();
        try
        {
            var address = RemoteAddress.Of(context);
            var user = await accounts.VerifyAsync(
                new SignInRequest(username, form["password"].ToString()),
                address,
                context.RequestAborted
            );
            SessionCookie.Write(context, await sessions.BeginAsync(user, address, context.RequestAborted), time);
            return PageResults.SeeOther(LocalPath(form["next"]));
        }
        catch (ApiException e)
        {
            return SignInForm(context, options, username, e.Message, e.Status);
        }
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, SignInStore sessions)
    {
        if (context.Features.Get<Caller>() is { } caller && SessionCookie.Read(context.Request) is { } secret)
        {
            await sessions.EndAsync(caller, secret, context.RequestAborted);
        }

        SessionCookie.Delete(context);
        return PageResults.SeeOther("/signin");
    }

    private static async Task<IResult> ShowRegisterAsync(
        HttpContext context,
        ServerOptions options,
        RegistrationPolicy policy,
        UserService users
    )
    {
        var any = await users.AnyAdminAsync(context.RequestAborted);
        var allowed =
            options.Registration == "open" || policy.MayBegin(isFirst: !any, RemoteAddress.IsOfThisMachine(context));
        return allowed ? RegisterForm(first: false, null, null, null, options, FormErrors.None)
            : any ? Notice("Registration is closed", "Ask an admin for an invitation.", StatusCodes.Status403Forbidden)
            : Notice(
                "No account yet",
                "Open the one-time link that the server printed when it started; it creates the first account.",
                StatusCodes.Status403Forbidden
            );
    }

    private static async Task<IResult> RegisterAsync(
        HttpContext context,
        AccountService accounts,
        SignInStore sessions,
        ServerOptions options,
        TimeProvider time
    )
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var errors = await MakeAccountAsync(context, form, bySetupLink: false, accounts, sessions, time);
        return errors is null
            ? PageResults.SeeOther("/")
            : RegisterForm(
                first: false,
                FormInput.TextOf(form, "invitation"),
                form["username"],
                form["email"],
                options,
                errors
            );
    }

    /// <summary>A link with a user signs it in at once; one without makes the first account, after a form.</summary>
    private static async Task<IResult> WelcomeAsync(
        string? code,
        HttpContext context,
        WelcomeService welcome,
        ServerOptions options,
        TimeProvider time
    )
    {
        var found = code is null ? null : await welcome.FindAsync(code, context.RequestAborted);
        if (found is null)
        {
            return Notice(
                "This link is used up",
                "It works once, for a day. Sign in, or start the server again for a new one.",
                StatusCodes.Status410Gone
            );
        }

        if (found.UserId is null)
        {
            return RegisterForm(first: true, code, null, null, options, FormErrors.None);
        }

        SessionCookie.Write(
            context,
            await welcome.SignInAsync(code!, RemoteAddress.Of(context), context.RequestAborted),
            time
        );
        return PageResults.SeeOther("/");
    }

    private static async Task<IResult> CreateFirstAsync(
        HttpContext context,
        AccountService accounts,
        WelcomeService welcome,
        SignInStore sessions,
        ServerOptions options,
        TimeProvider time
    )
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var code = form["code"].ToString();
        if (await welcome.FindAsync(code, context.RequestAborted) is not { UserId: null })
        {
            return Notice("This link is used up", "Start the server again for a new one.", StatusCodes.Status410Gone);
        }

        var errors = await MakeAccountAsync(context, form, bySetupLink: true, accounts, sessions, time);
        if (errors is not null)
        {
            return RegisterForm(first: true, code, form["username"], form["email"], options, errors);
        }

        return PageResults.SeeOther("/");
    }

    private static Task<IReadOnlyDictionary<string, string>?> MakeAccountAsync(
        HttpContext context,
        IFormCollection form,
        bool bySetupLink,
        AccountService accounts,
        SignInStore sessions,
        TimeProvider time
    ) =>
        FormErrors.TryAsync(async () =>
        {
            var password = form["password"].ToString();
            var registration = FormInput.Read<Registration>(
                new JsonObject
                {
                    ["username"] = form["username"].ToString(),
                    ["email"] = form["email"].ToString(),
                    ["password"] = password,
                    ["confirmPassword"] = password,
                    ["invitation"] = FormInput.TextOf(form, "invitation"),
                }
            );
            var user = await accounts.RegisterAsync(
                registration,
                bySetupLink,
                RemoteAddress.IsOfThisMachine(context),
                context.RequestAborted
            );
            var secret = await sessions.BeginAsync(user.Id, RemoteAddress.Of(context), context.RequestAborted);
            SessionCookie.Write(context, secret, time);
        });

    /// <param name="code">Of the one-time link for the first account, of an invitation for others.</param>
    internal static IResult RegisterForm(
        bool first,
        string? code,
        string? username,
        string? email,
        ServerOptions options,
        IReadOnlyDictionary<string, string> errors,
        string? group = null
    ) =>
        PageResults.Page<RegisterPage>(
            new
            {
                First = first,
                Code = code,
                Group = group,
                Username = username,
                Email = email,
                PasswordHint = options.Http.IsPrivate
                    ? "Any length on this machine; twelve characters or more elsewhere."
                    : "Twelve characters or more; no other rule.",
                Errors = errors,
            },
            errors.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );

    internal static IResult Notice(string title, string text, int status) =>
        PageResults.Page<DoorNotice>(new { Title = title, Text = text }, status);

    /// <summary>A path of this server; anything that a browser could read as another site is replaced by the home page.</summary>
    internal static string LocalPath(string? next) =>
        next is ['/', ..] and not ['/', '/' or '\\', ..] && !next.Any(char.IsControl) ? next : "/";
}
