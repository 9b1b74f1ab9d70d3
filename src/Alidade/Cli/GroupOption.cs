using System.CommandLine;
using Alidade.Client;

namespace Alidade.Cli;

/// <summary>A group of the user's, by name; the first of them when none is named.</summary>
internal sealed class GroupOption : Option<string?>
{
    public GroupOption(string description)
        : base("--group")
    {
        Description = description;
        HelpName = "NAME";
        Recursive = true;
    }

    public async Task<long> IdAsync(AlidadeClient client, ParseResult parsed, CancellationToken cancellation)
    {
        var mine = (await client.Users.CurrentAsync(cancellation)).Groups;
        return parsed.GetValue(this) is { } name ? Find(mine, name) : mine[0].Id;
    }

    public static long Find(IReadOnlyList<Reference> mine, string name) =>
        mine.FirstOrDefault(group => group.Name == name)?.Id
        ?? throw new CommandException(
            $"--group: you are in no group {name}; yours are {string.Join(", ", mine.Select(group => group.Name))}."
        );
}
