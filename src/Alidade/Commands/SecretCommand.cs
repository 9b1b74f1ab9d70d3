using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Sets, lists and deletes the secrets that jobs of a group are given. A value is never an argument.</summary>
internal sealed class SecretCommand : ServerCommand
{
    private readonly GroupOption _group = new("Whose secret it is (default: the first of your groups)");

    public SecretCommand()
        : base("secret", "Set, list and delete the secrets that jobs are given")
    {
        Options.Add(_group);
        Subcommands.Add(Set());
        Subcommands.Add(List());
        Subcommands.Add(Delete());
        Subcommands.Add(RotateKey());
    }

    private Command Set()
    {
        var name = NameArgument();
        var entrypoints = new Option<long[]>("--entrypoint")
        {
            Description = "Only jobs of this entrypoint get it; may be repeated",
            HelpName = "ID",
        };
        var queues = new Option<long[]>("--queue")
        {
            Description = "Only jobs of this queue get it; may be repeated",
            HelpName = "ID",
        };
        var limits = new Option<bool>("--limits-only") { Description = "Keep the value and change only who gets it" };
        var command = new Command("set", "Set a secret, or give it a new value, from stdin or a prompt")
        {
            name,
            entrypoints,
            queues,
            limits,
        };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var group = await _group.IdAsync(client, parsed, cancellation);
                var wanted = parsed.GetRequiredValue(name);
                var known = await FindAsync(client, group, wanted, cancellation);
                if (known is null && parsed.GetValue(limits))
                {
                    throw new CommandException($"There is no secret {wanted} yet; set it without --limits-only.");
                }

                var value = parsed.GetValue(limits) ? null : Ask(wanted);
                var only = (Some(parsed.GetValue(entrypoints)), Some(parsed.GetValue(queues)));
                var made = known is null
                    ? await client.Secrets.CreateAsync(group, wanted, value!, only.Item1, only.Item2, cancellation)
                    : await client.Secrets.ChangeAsync(known.Id, value, only.Item1, only.Item2, cancellation);
                Consoles.Out.WriteLine($"secret {made.Name} version {made.Version}");
            }
        );
        return command;
    }

    private Command List()
    {
        var command = new Command("list", "Names, limits and last uses; no values");
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var group = await _group.IdAsync(client, parsed, cancellation);
                Show(
                    await client.Secrets.ListAsync(group, cancellation),
                    ("secret", secret => secret.Name),
                    ("version", secret => $"{secret.Version}"),
                    ("changed", secret => Day(secret.LastModifiedOn)),
                    ("by", secret => secret.User),
                    ("last used", secret => Day(secret.UsedOn)),
                    ("by job", secret => $"{secret.UsedByJob}"),
                    ("entrypoints", secret => Ids(secret.Entrypoints)),
                    ("queues", secret => Ids(secret.Queues))
                );
            }
        );
        return command;
    }

    private Command Delete()
    {
        var name = NameArgument();
        var command = new Command("delete", "Delete a secret; jobs that ask for it are refused") { name };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var wanted = parsed.GetRequiredValue(name);
                var group = await _group.IdAsync(client, parsed, cancellation);
                var known =
                    await FindAsync(client, group, wanted, cancellation)
                    ?? throw new CommandException($"There is no secret {wanted} in this group.");
                await client.Secrets.DeleteAsync(known.Id, cancellation);
                Consoles.Out.WriteLine($"secret {wanted} deleted");
            }
        );
        return command;
    }

    private Command RotateKey()
    {
        var command = new Command("rotate-key", "Seal every secret of the server under a new key");
        Act(
            command,
            async (client, _, cancellation) =>
            {
                var rotated = await client.Secrets.RotateKeyAsync(cancellation);
                Consoles.Out.WriteLine($"key {rotated.Key} seals from now on; {rotated.Secrets} secrets sealed anew");
            }
        );
        return command;
    }

    private static Argument<string> NameArgument() => new("NAME") { Description = "What entrypoints ask for it by" };

    /// <summary>All of stdin, so that keys of many lines can be piped in; one line end is the pipe's, not the value's.</summary>
    private static string Ask(string name)
    {
        if (!Console.IsInputRedirected)
        {
            return AnsiConsole.Prompt(new TextPrompt<string>($"Value of {name.EscapeMarkup()}:").Secret());
        }

        var text = Console.In.ReadToEnd();
        text =
            text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2]
            : text.EndsWith('\n') ? text[..^1]
            : text;
        return text.Length > 0 ? text : throw new CommandException("Nothing arrived on stdin; pipe the value in.");
    }

    private static async Task<SecretInfo?> FindAsync(
        AlidadeClient client,
        long group,
        string name,
        CancellationToken cancellation
    ) => (await client.Secrets.ListAsync(group, cancellation)).FirstOrDefault(secret => secret.Name == name);

    private static long[]? Some(long[]? ids) => ids is { Length: > 0 } ? ids : null;

    private static string Ids(IReadOnlyList<long>? ids) => ids is null ? "all" : string.Join(", ", ids);
}
