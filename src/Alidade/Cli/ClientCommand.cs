using System.CommandLine;
using System.CommandLine.Parsing;
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
            Description = $"Address of the server ($ALIDADE_SERVER, or the only one signed in to, or {DefaultServer})",
            HelpName = "URL",
            CustomParser = AddressOf,
            DefaultValueFactory = result =>
                Environment.GetEnvironmentVariable("ALIDADE_SERVER") is { Length: > 0 } url
                    ? Address(result, "ALIDADE_SERVER", url)
                    : CredentialStore.OfUser().OnlyServer() ?? new Uri(DefaultServer),
        };

    /// <summary>The value of an option that is the address of a server.</summary>
    public static Uri AddressOf(ArgumentResult result) => Address(result, "--server", result.Tokens[0].Value);

    private static Uri Address(ArgumentResult result, string source, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https" })
        {
            return address;
        }

        result.AddError($"{source}: \"{text}\" is no address; write one such as {DefaultServer}.");
        return new Uri(DefaultServer);
    }

    /// <summary>A client with the token in $ALIDADE_TOKEN, or with the credentials kept for this server.</summary>
    public static AlidadeClient Connect(Uri server) =>
        new(
            server,
            TokenOfEnvironment()
                ?? CredentialStore.OfUser().Find(server)
                ?? throw new CommandException($"You are not signed in to {Shown(server)}. {HowToSignIn(server)}")
        );

    /// <summary>
    /// The token in $ALIDADE_TOKEN. What is none is refused: whoever sets one means to be no more than it allows, and
    /// would else be who is signed in.
    /// </summary>
    public static Credentials? TokenOfEnvironment() =>
        Credentials.OfEnvironment() is not { } credentials ? null
        : credentials.IsApiToken ? credentials
        : throw new CommandException(
            "ALIDADE_TOKEN holds no token of a user (alt_...). Correct it; or unset it, to be who you signed in as."
        );

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
        catch (ApiException problem) when (problem is { Status: HttpStatusCode.Unauthorized, Error: null })
        {
            Fail($"{Shown(server)} does not know you any more. {HowToSignIn(server)}");
        }
        catch (ApiException problem) when (problem.Error is "TokenScopeError" or "TokenError")
        {
            Fail(problem.Message + WhereTokenIsFrom());
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

    /// <summary>It goes before whoever is signed in, and was perhaps set for a script, hours ago.</summary>
    private static string WhereTokenIsFrom() =>
        Credentials.OfEnvironment() is null
            ? ""
            : " The token is that of ALIDADE_TOKEN: unset it to be who you signed in as.";

    private static void Fail(string message) => Consoles.Error.MarkupLineInterpolated($"[red]error:[/] {message}");
}
