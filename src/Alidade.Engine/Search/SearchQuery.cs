namespace Alidade.Engine.Search;

/// <summary>Terms that must all hold; none at all holds for everything.</summary>
public sealed record SearchQuery(IReadOnlyList<SearchTerm> Terms);

/// <summary>A pattern for one field, or, without a field, for any of them.</summary>
/// <param name="Field">As typed, or null.</param>
/// <param name="Position">Where the term begins, counted from 0.</param>
public sealed record SearchTerm(string? Field, IReadOnlyList<SearchToken> Pattern, int Position);

/// <summary>A piece of a pattern: text to find as it stands, or a wildcard.</summary>
/// <param name="Text">Null for a wildcard.</param>
/// <param name="Many">A wildcard for any run of characters rather than for one.</param>
public sealed record SearchToken(string? Text, bool Many = false)
{
    /// <summary><c>*</c></summary>
    public static readonly SearchToken AnyRun = new(Text: null, Many: true);

    /// <summary><c>?</c></summary>
    public static readonly SearchToken AnyOne = new(Text: null);
}

/// <summary>The text is not a search; the message says what is wrong, <see cref="Position"/> where.</summary>
public sealed class SearchSyntaxException(string message, int position) : Exception(message)
{
    /// <summary>Counted from 0.</summary>
    public int Position { get; } = position;
}
