using Alidade.Cli;
using Alidade.Engine.Values;

namespace Alidade.Functions;

/// <summary>The values of <c>-P NAME=VALUE</c>.</summary>
internal static class ParameterValues
{
    /// <exception cref="CommandException">One is not of that form, or is given twice.</exception>
    public static Dictionary<string, string> Split(IReadOnlyList<string> flags)
    {
        var values = new Dictionary<string, string>();
        foreach (var flag in flags)
        {
            var at = flag.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw new CommandException($"-P {flag}: write it as NAME=VALUE.");
            }

            if (!values.TryAdd(flag[..at], flag[(at + 1)..]))
            {
                throw new CommandException($"-P {flag}: {flag[..at]} is given twice.");
            }
        }

        return values;
    }

    /// <summary>Reads each value by its type here already, before anything reaches the server.</summary>
    public static void RequireReadable(FunctionEntrypoint function, IReadOnlyDictionary<string, string> values)
    {
        foreach (var parameter in function.Parameters)
        {
            var kind = Enum.Parse<ParameterType>(parameter.Kind, ignoreCase: true);
            if (
                values.TryGetValue(parameter.Name, out var text)
                && !ParameterText.TryParse(kind, text, out _, out var reason)
            )
            {
                throw new CommandException($"-P {parameter.Name}={text}: {reason}.");
            }
        }
    }
}
