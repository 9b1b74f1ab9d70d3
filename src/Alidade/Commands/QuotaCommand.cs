using System.CommandLine;
using System.Globalization;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Shows and sets how many jobs of a group workers hold at once, and how many wait.</summary>
internal sealed class QuotaCommand : ServerCommand
{
    private const string None = "none";

    private readonly GroupOption _group = new("Whose limit it is (default: the first of your groups)");

    public QuotaCommand()
        : base("quota", "Show and set how many jobs of a group run and wait at once")
    {
        Options.Add(_group);
        Subcommands.Add(Show());
        Subcommands.Add(Set());
    }

    private Command Show()
    {
        var command = new Command("show", "The limits of a group");
        Act(
            command,
            async (client, parsed, cancellation) =>
                Say(await client.Groups.QuotaAsync(await _group.IdAsync(client, parsed, cancellation), cancellation))
        );
        return command;
    }

    private Command Set()
    {
        var running = new Argument<string?>("RUNNING")
        {
            Description = $"How many jobs run at once, 0 for no job, or '{None}'",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var waiting = new Option<string?>("--waiting") { Description = $"How many jobs wait, or '{None}'" };
        var command = new Command("set", "Limit a group; what runs and waits goes on, and what is not named stays")
        {
            running,
            waiting,
        };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var group = await _group.IdAsync(client, parsed, cancellation);
                var known = await client.Groups.QuotaAsync(group, cancellation);
                var quota = new GroupQuota(
                    LimitOf(parsed.GetValue(running), known.Running),
                    LimitOf(parsed.GetValue(waiting), known.Waiting)
                );
                Say(await client.Groups.SetQuotaAsync(group, quota, cancellation));
            }
        );
        return command;
    }

    private static long? LimitOf(string? text, long? known) =>
        text is null ? known
        : text == None ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit
        : throw new CommandException($"'{text}' is no number of jobs: write 8, 0 or {None}.");

    private static void Say(GroupQuota quota) =>
        Consoles.Out.WriteLine(
            quota switch
            {
                (null, null) => "no limit",
                ({ } running, null) => $"{running} running jobs at most",
                (null, { } waiting) => $"{waiting} waiting jobs at most",
                ({ } running, { } waiting) => $"{running} running and {waiting} waiting jobs at most",
            }
        );
}
