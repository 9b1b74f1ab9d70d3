using System.CommandLine;

namespace Alidade.Commands;

/// <summary>Flags written NAME=VALUE; who takes them checks names and values.</summary>
internal static class NamedValues
{
    public static Option<string[]> LabelOption(string description)
    {
        var option = new Option<string[]>("--label") { Description = description, HelpName = "NAME=VALUE" };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) <= 0))
            {
                result.AddError($"{option.Name} {token.Value}: write it as {option.HelpName}.");
            }
        });
        return option;
    }

    /// <summary>Of a name that is given twice the last stands; a text without = has no value.</summary>
    public static Dictionary<string, string> Split(IEnumerable<string>? texts)
    {
        var values = new Dictionary<string, string>();
        foreach (var text in texts ?? [])
        {
            var parts = text.Split('=', 2);
            values[parts[0]] = parts.Length == 2 ? parts[1] : "";
        }

        return values;
    }

    /// <summary>Values that are paths, seen from here.</summary>
    public static Dictionary<string, string> Paths(IEnumerable<string>? texts) =>
        Split(texts).ToDictionary(pair => pair.Key, pair => pair.Value.Length == 0 ? "" : Path.GetFullPath(pair.Value));
}
