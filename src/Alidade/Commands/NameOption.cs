using System.CommandLine;
using Alidade.Cli;

namespace Alidade.Commands;

/// <summary>Options that name something.</summary>
internal static class NameOption
{
    /// <summary>Its value, which an unset variable of a shell leaves empty.</summary>
    /// <exception cref="CommandException">There is nothing to see in it.</exception>
    public static string GetName(this ParseResult parsed, Option<string> option) =>
        parsed.GetRequiredValue(option) is var name && !string.IsNullOrWhiteSpace(name)
            ? name
            : throw new CommandException($"{option.Name} is empty: give a name, or leave it out.");
}
