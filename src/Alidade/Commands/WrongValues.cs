using System.CommandLine;
using System.Text.RegularExpressions;

namespace Alidade.Commands;

/// <summary>Values that are not what a flag or argument takes: the parser's sentences, with our words for its types.</summary>
internal static partial class WrongValues
{
    /// <returns>Nothing when no value is wrong: the parser tells other mistakes better, with suggestions.</returns>
    public static List<string> In(ParseResult parsed)
    {
        var sentences = parsed.Errors.Select(error => error.Message).Distinct().ToList();
        return sentences.Exists(Typed().IsMatch) ? sentences.ConvertAll(InWords) : [];
    }

    private static string InWords(string sentence) =>
        Typed().Replace(sentence, type => $": {Needed(type.Groups["type"].Value)} is needed");

    private static string Needed(string type) =>
        type.Contains("Int", StringComparison.Ordinal) ? "a whole number"
        : type.Contains("Double", StringComparison.Ordinal) ? "a number"
        : type.Contains("Boolean", StringComparison.Ordinal) ? "true or false"
        : type.Contains("Uri", StringComparison.Ordinal) ? "an address such as http://127.0.0.1:8420"
        : "another value";

    [GeneratedRegex(" as expected type '(?<type>[^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex Typed();
}
