using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Ends the session that <c>alidade login</c> began, here and on the server.</summary>
internal sealed class LogoutCommand : Command
{
    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    public LogoutCommand()
        : base("logout", "End the session that login began")
    {
        Options.Add(_server);
        SetAction(
            (parsed, cancellation) =>
            {
                var server = parsed.GetRequiredValue(_server);
                return ClientCommand.RunAsync(server, () => LogoutAsync(server, cancellation));
            }
        );
    }

    private static async Task<int> LogoutAsync(Uri server, CancellationToken cancellation)
    {
        var store = CredentialStore.OfUser();
        if (store.Find(server) is not { } credentials)
        {
            throw new CommandException($"You are not signed in to {ClientCommand.Shown(server)}.");
        }

        if (credentials.Token is not null)
        {
            store.Forget(server);
            Consoles.Out.WriteLine("The token is forgotten here; it works until it is revoked.");
            return 0;
        }

        using var client = new AlidadeClient(server, credentials);
        await client.Users.SignOutAsync(cancellation);
        store.Forget(server);
        Consoles.Out.MarkupLineInterpolated($"Signed out of {ClientCommand.Shown(server)}.");
        return 0;
    }
}
