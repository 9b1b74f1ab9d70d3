using System.Globalization;

namespace Alidade.Engine.Search.Filters;

/// <summary>One comparison of a filter. Names are as they were written; what they mean is up to what is searched.</summary>
/// <param name="Entity">What stands before the first dot; null for an attribute.</param>
/// <param name="Comparator">In capitals.</param>
/// <param name="Value">With its quotes; of a list each of its members; none for <c>IS NULL</c>.</param>
/// <param name="IsList">The value stood in parentheses.</param>
public sealed record Comparison(
    string? Entity,
    string Key,
    string Comparator,
    IReadOnlyList<FilterToken> Value,
    bool IsList
)
{
    /// <summary>The number that it compares with; null when it is none.</summary>
    public double? Number =>
        !IsList
        && Value.Count == 1
        && Value[0].Text is var text
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && char.IsAsciiDigit(text[^1])
            ? number
            : null;

    /// <summary>The text, or the list of texts, that it compares with; null when they are not in quotes.</summary>
    public object? Text
    {
        get
        {
            if (!Value.All(v => v.IsQuoted) || Value.Count == 0)
            {
                return null;
            }

            string[] texts = [.. Value.Select(v => FieldNames.Unquoted(v.Text))];
            return IsList ? texts : texts[0];
        }
    }

    /// <summary>The value as it was written.</summary>
    public string Said =>
        IsList ? $"({string.Join(", ", Value.Select(v => v.Text))})" : string.Concat(Value.Select(v => v.Text));
}
