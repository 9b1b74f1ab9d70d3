using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary><c>alidade login</c> and <c>alidade logout</c>: credentials that later commands use.</summary>
internal static class LoginCommand
{
    public static Command Create()
    {
        var server = ClientCommand.ServerOption();
        var username = new Option<string?>("--username")
        {
            Description = "Your account; asked for when left out",
            HelpName = "NAME",
        };
        var token = new Option<string?>("--token")
        {
            Description = "Keep this token instead of signing in with a password",
        };
        var create = new Option<bool>("--create") { Description = "Make the account first" };
        var command = new Command("login", "Sign in to a server; the password is asked for, or read from a pipe")
        {
            server,
            username,
            token,
            create,
        };
        command.SetAction(
            (result, cancellation) =>
            {
                var url = result.GetRequiredValue(server);
                return ClientCommand.RunAsync(
                    url,
                    () =>
                        LoginAsync(
                            url,
                            result.GetValue(username),
                            result.GetValue(token),
                            result.GetValue(create),
                            cancellation
                        )
                );
            }
        );
        return command;
    }

    public static Command CreateLogout()
    {
        var server = ClientCommand.ServerOption();
        var command = new Command("logout", "End the session that login began") { server };
        command.SetAction(
            (result, cancellation) =>
            {
                var url = result.GetRequiredValue(server);
                return ClientCommand.RunAsync(url, () => LogoutAsync(url, cancellation));
            }
        );
        return command;
    }

    private static async Task<int> LoginAsync(
        Uri server,
        string? username,
        string? token,
        bool create,
        CancellationToken cancellation
    )
    {
        ClientCommand.RequireHttp(server);
        using var client = new AlidadeClient(server, token is null ? null : new Credentials(token, null));
        if (token is null)
        {
            username ??= AskUsername();
            var password = AskPassword(confirm: create);
            if (create)
            {
                await client.Users.RegisterAsync(username, $"{username}@{server.Host}", password, cancellation);
            }

            await client.Users.SignInAsync(username, password, cancellation);
        }

        var user = await client.Users.CurrentAsync(cancellation);
        CredentialStore.OfUser().Keep(server, token is null ? client.Session() : new Credentials(token, null));
        AnsiConsole.MarkupLineInterpolated($"Signed in to {ClientCommand.Shown(server)} as {user.Username}.");
        return 0;
    }

    private static async Task<int> LogoutAsync(Uri server, CancellationToken cancellation)
    {
        var store = CredentialStore.OfUser();
        if (store.Find(server) is not { } credentials)
        {
            throw new CommandException($"You are not signed in to {ClientCommand.Shown(server)}.");
        }

        if (credentials.Token is null)
        {
            using var client = new AlidadeClient(server, credentials);
            await client.Users.SignOutAsync(cancellation);
        }

        store.Forget(server);
        AnsiConsole.MarkupLineInterpolated($"Signed out of {ClientCommand.Shown(server)}.");
        return 0;
    }

    private static string AskUsername() =>
        Console.IsInputRedirected
            ? throw new CommandException("--username is needed where nobody can be asked.")
            : AnsiConsole.Prompt(new TextPrompt<string>("Username:").DefaultValue(Environment.UserName));

    private static string AskPassword(bool confirm)
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine() is { Length: > 0 } line
                ? line
                : throw new CommandException("No password arrived on stdin; pipe it in as one line.");
        }

        var password = AnsiConsole.Prompt(new TextPrompt<string>("Password:").Secret());
        if (confirm && AnsiConsole.Prompt(new TextPrompt<string>("Again:").Secret()) != password)
        {
            throw new CommandException("The two passwords differ.");
        }

        return password;
    }
}
