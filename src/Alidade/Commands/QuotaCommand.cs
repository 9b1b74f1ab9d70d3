using System.CommandLine;
using System.Globalization;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Shows and sets how many jobs of a group workers hold at once.</summary>
internal sealed class QuotaCommand : ServerCommand
{
    private const string None = "none";

    private readonly GroupOption _group = new("Whose limit it is (default: the first of your groups)");

    public QuotaCommand()
        : base("quota", "Show and set how many jobs of a group run at once")
    {
        Options.Add(_group);
        Subcommands.Add(Show());
        Subcommands.Add(Set());
    }

    private Command Show()
    {
        var command = new Command("show", "The limit of a group");
        Act(
            command,
            async (client, parsed, cancellation) =>
                Say(await client.Groups.QuotaAsync(await _group.IdAsync(client, parsed, cancellation), cancellation))
        );
        return command;
    }

    private Command Set()
    {
        var running = new Argument<string>("RUNNING") { Description = $"How many jobs, 0 for no job, or '{None}'" };
        var command = new Command("set", "Limit a group; what runs goes on") { running };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var limit = LimitOf(parsed.GetRequiredValue(running));
                var group = await _group.IdAsync(client, parsed, cancellation);
                Say(await client.Groups.SetQuotaAsync(group, limit, cancellation));
            }
        );
        return command;
    }

    private static long? LimitOf(string text) =>
        text == None ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit
        : throw new CommandException($"'{text}' is no number of jobs: write 8, 0 or {None}.");

    private static void Say(GroupQuota quota) =>
        Consoles.Out.WriteLine(quota.Running is { } limit ? $"{limit} running jobs at most" : "no limit");
}
