using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Signs in and keeps what later commands need.</summary>
internal sealed class LoginCommand : Command
{
    private const long TokenDays = 90;

    private readonly Option<Uri> _server = ClientCommand.ServerOption();
    private readonly Option<string?> _username = new("--username")
    {
        Description = "Your account; asked for when left out",
    };
    private readonly Option<bool> _create = new("--create") { Description = "Make the account first" };
    private readonly Option<bool> _token = new("--token")
    {
        Description = "Keep a token from `alidade token create` instead of signing in; asked for, or read from a pipe",
    };

    private readonly Option<bool> _env = new("--env")
    {
        Description =
            "Print the lines that make a script log here, with a fresh token: eval \"$(alidade login --env)\"",
    };

    public LoginCommand()
        : base("login", "Sign in to a server; the password is asked for, or read from a pipe")
    {
        foreach (var option in new Option[] { _server, _username, _create, _token, _env })
        {
            Options.Add(option);
        }

        SetAction(
            (parsed, cancellation) =>
            {
                var server = parsed.GetRequiredValue(_server);
                return ClientCommand.RunAsync(
                    server,
                    () =>
                        parsed.GetValue(_env) ? PrintAsync(server, parsed.GetValue(_username), cancellation)
                        : parsed.GetValue(_token) ? KeepTokenAsync(server, cancellation)
                        : LoginAsync(server, parsed.GetValue(_username), parsed.GetValue(_create), cancellation)
                );
            }
        );
    }

    private static async Task<int> LoginAsync(Uri server, string? username, bool create, CancellationToken cancellation)
    {
        using var client = new AlidadeClient(server);
        username ??= AskUsername();
        var password = AskPassword(confirm: create);
        if (create)
        {
            await client.Users.RegisterAsync(username, $"{username}@{server.Host}", password, cancellation);
        }

        await client.Users.SignInAsync(username, password, cancellation);
        CredentialStore.OfUser().Keep(server, client.Session());
        Consoles.Out.MarkupLineInterpolated($"Signed in to {ClientCommand.Shown(server)} as {username}.");
        return 0;
    }

    /// <summary>The lines alone go to stdout, for a shell to read; signs in first where nobody is.</summary>
    private static async Task<int> PrintAsync(Uri server, string? username, CancellationToken cancellation)
    {
        if ((ClientCommand.TokenOfEnvironment() ?? CredentialStore.OfUser().Find(server)) is not { } credentials)
        {
            using var newcomer = new AlidadeClient(server);
            await newcomer.Users.SignInAsync(
                username
                    ?? throw new CommandException(
                        $"You are not signed in to {ClientCommand.Shown(server)}. Give --username."
                    ),
                AskPassword(confirm: false),
                cancellation
            );
            credentials = newcomer.Session();
            CredentialStore.OfUser().Keep(server, credentials);
        }

        var token = credentials.Token is { } own
            ? await CheckedAsync(server, own, cancellation)
            : await NewTokenAsync(server, credentials, cancellation);
        var address = server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        Console.WriteLine($"export MLFLOW_TRACKING_URI={address}");
        Console.WriteLine($"export MLFLOW_TRACKING_TOKEN={token}");
        Console.WriteLine($"export ALIDADE_SERVER={address}");
        Console.WriteLine($"export ALIDADE_TOKEN={token}");
        Console.Error.WriteLine(
            "# See that it works: python -c \"import mlflow; mlflow.start_run(); mlflow.log_metric('ok', 1)\""
        );
        return 0;
    }

    /// <summary>What is handed out is what there is, so the person is told; and it must work.</summary>
    private static async Task<string> CheckedAsync(Uri server, string token, CancellationToken cancellation)
    {
        using var client = new AlidadeClient(server, new Credentials(token, null));
        await client.Users.CurrentAsync(cancellation);
        Console.Error.WriteLine(
            "# This is the token you use yourself, with all that it may do: a token makes no other. For one that can only "
                + "track, unset ALIDADE_TOKEN and sign in with a password."
        );
        return token;
    }

    private static async Task<string> NewTokenAsync(Uri server, Credentials credentials, CancellationToken cancellation)
    {
        using var client = new AlidadeClient(server, credentials);
        var made = await client.Tokens.CreateAsync(
            $"script on {Environment.MachineName}",
            ["track"],
            null,
            TokenDays,
            cancellation
        );
        Console.Error.WriteLine(
            $"# Token {made.Id} can track and nothing else, for {TokenDays} days; it is not shown again."
        );
        return made.Secret;
    }

    /// <summary>Asks the server whose token it is before keeping it: a mistyped one is no use later.</summary>
    private static async Task<int> KeepTokenAsync(Uri server, CancellationToken cancellation)
    {
        var credentials = new Credentials(AskSecret("Token:"), null);
        using var client = new AlidadeClient(server, credentials);
        var user = await client.Users.CurrentAsync(cancellation);
        CredentialStore.OfUser().Keep(server, credentials);
        Consoles.Out.MarkupLineInterpolated($"Signed in to {ClientCommand.Shown(server)} as {user.Username}.");
        return 0;
    }

    private static string AskUsername() =>
        Console.IsInputRedirected
            ? throw new CommandException("--username is needed where nobody can be asked.")
            : AnsiConsole.Prompt(new TextPrompt<string>("Username:").DefaultValue(Environment.UserName));

    private static string AskPassword(bool confirm)
    {
        var password = AskSecret("Password:");
        if (confirm && !Console.IsInputRedirected && AskSecret("Again:") != password)
        {
            throw new CommandException("The two passwords differ.");
        }

        return password;
    }

    private static string AskSecret(string prompt)
    {
        if (!Console.IsInputRedirected)
        {
            return AnsiConsole.Prompt(new TextPrompt<string>(prompt).Secret());
        }

        return Console.In.ReadLine()?.Trim() is { Length: > 0 } line
            ? line
            : throw new CommandException("Nothing arrived on stdin; pipe it in as one line.");
    }
}
