using System.CommandLine;
using System.Net;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Cli;

/// <summary>What the commands that speak with a server share: its address, who asks, and how failures look.</summary>
internal static class ClientCommand
{
    public const string DefaultServer = "http://127.0.0.1:8420";

    public static Option<Uri> ServerOption() =>
        new("--server")
        {
            Description = $"Address of the server ($ALIDADE_SERVER, or {DefaultServer})",
            HelpName = "URL",
            DefaultValueFactory = _ => new Uri(
                Environment.GetEnvironmentVariable("ALIDADE_SERVER") is { Length: > 0 } url ? url : DefaultServer
            ),
        };

    /// <summary>A client with the credentials kept for this server, or a token from the environment.</summary>
    public static AlidadeClient Connect(Uri server)
    {
        RequireHttp(server);
        var token = Environment.GetEnvironmentVariable("ALIDADE_TOKEN");
        var credentials = string.IsNullOrEmpty(token)
            ? CredentialStore.OfUser().Find(server)
                ?? throw new CommandException($"You are not signed in to {Shown(server)}. {HowToSignIn(server)}")
            : new Credentials(token, null);
        return new AlidadeClient(server, credentials);
    }

    public static void RequireHttp(Uri server)
    {
        if (!server.IsAbsoluteUri || server.Scheme is not ("http" or "https"))
        {
            throw new CommandException($"--server: \"{server}\" is no address; write one such as {DefaultServer}.");
        }
    }

    /// <summary>Runs a command's work; whatever it throws becomes a sentence on stderr and exit code 1.</summary>
    public static async Task<int> RunAsync(Uri server, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (CommandException problem)
        {
            Fail(problem.Message);
        }
        catch (ApiException problem) when (problem.Status is null)
        {
            Fail($"{problem.Message} Is a server running there? Start one with: alidade serve");
        }
        catch (ApiException problem) when (problem.Status == HttpStatusCode.Unauthorized)
        {
            Fail($"{Shown(server)} does not know you any more. {HowToSignIn(server)}");
        }
        catch (ApiException problem)
        {
            Fail(problem.Message);
        }

        return 1;
    }

    public static string Shown(Uri server) => server.GetLeftPart(UriPartial.Authority);

    private static string HowToSignIn(Uri server) =>
        Shown(server) == DefaultServer
            ? "Sign in with: alidade login"
            : $"Sign in with: alidade login --server {Shown(server)}";

    private static void Fail(string message) => Stderr.MarkupLineInterpolated($"[red]error:[/] {message}");

    public static readonly IAnsiConsole Stderr = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }
    );
}
