using System.Text;
using System.Text.RegularExpressions;
using Alidade.Engine.Issues;
using YamlDotNet.Core;

namespace Alidade.Engine.Yaml;

/// <param name="Root">Null when an issue is an error.</param>
public sealed record YamlResult(Node? Root, IReadOnlyList<Issue> Issues);

/// <summary>Reads YAML as PyYAML's safe loader does, within <see cref="YamlLimits"/>, keeping places and order.</summary>
public static partial class YamlReader
{
    /// <param name="document">A name of <see cref="Documents"/>, for the places.</param>
    public static YamlResult Read(string text, string document)
    {
        if (Encoding.UTF8.GetByteCount(text) > YamlLimits.Bytes)
        {
            var message = $"The YAML is larger than {YamlLimits.Bytes / 1024} KiB.";
            return new(null, [Issue.Error(IssueType.Schema, message, new Place(document))]);
        }
        text = text.TrimStart('\uFEFF');
        if (Unprintable().Match(text) is { Success: true } found)
        {
            var message = $"The YAML holds the character U+{(int)found.Value[0]:X4}, which no YAML text may hold.";
            return new(null, [Issue.Error(IssueType.Schema, message, PlaceOf(text, found.Index, document))]);
        }
        var builder = new NodeBuilder(document);
        try
        {
            var root = builder.Read(new StrictParser(new Parser(new StringReader(text))));
            return new(root, builder.Warnings);
        }
        catch (YamlException error)
        {
            var place = Within(text, error.Start, document);
            return new(null, [.. builder.Warnings, Issue.Error(IssueType.Schema, Message(error), place)]);
        }
    }

    /// <summary>What is missing at the end is said to be missing at the last character, not after it.</summary>
    private static Place Within(string text, Mark mark, string document) =>
        mark.Line <= text.AsSpan().Count('\n') + 1
            ? new(document, (int)mark.Line, (int)mark.Column)
            : PlaceOf(text, text.Length, document);

    private static Place PlaceOf(string text, int index, string document)
    {
        var before = text.AsSpan(0, index);
        return new(document, before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }

    [GeneratedRegex(
        @"[^\t\n\r\x20-\x7E\x85\xA0-\uD7FF\uE000-\uFFFD\uD800-\uDFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])"
            + @"|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]"
    )]
    private static partial Regex Unprintable();

    private static string Message(YamlException error) => $"The YAML cannot be read: {error.Message.TrimEnd('.')}.";
}
