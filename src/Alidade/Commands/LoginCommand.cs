using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Signs in and keeps what later commands need.</summary>
internal sealed class LoginCommand : Command
{
    private readonly Option<Uri> _server = ClientCommand.ServerOption();
    private readonly Option<string?> _username = new("--username")
    {
        Description = "Your account; asked for when left out",
    };
    private readonly Option<bool> _create = new("--create") { Description = "Make the account first" };

    public LoginCommand()
        : base("login", "Sign in to a server; the password is asked for, or read from a pipe")
    {
        foreach (var option in new Option[] { _server, _username, _create })
        {
            Options.Add(option);
        }

        SetAction(
            (parsed, cancellation) =>
            {
                var server = parsed.GetRequiredValue(_server);
                return ClientCommand.RunAsync(
                    server,
                    () => LoginAsync(server, parsed.GetValue(_username), parsed.GetValue(_create), cancellation)
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
