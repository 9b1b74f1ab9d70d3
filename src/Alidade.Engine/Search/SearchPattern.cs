using System.Text;

namespace Alidade.Engine.Search;

/// <summary>
/// What a folded text must look like as a whole: pieces that stand as they are, with wildcards between them. Characters are
/// Unicode code points, as in both databases.
/// </summary>
public sealed class SearchPattern
{
    private readonly IReadOnlyList<SearchToken> _tokens;

    private SearchPattern(IReadOnlyList<SearchToken> tokens) => _tokens = tokens;

    public static SearchPattern Of(SearchTerm term) =>
        new([.. term.Pattern.Select(t => t.Text is { } text ? new SearchToken(TextFolding.Fold(text)) : t)]);

    /// <summary>The only text that matches; null when there are wildcards.</summary>
    public string? Exact => _tokens is [{ Text: { } text }] ? text : null;

    /// <summary>What the pattern begins with, when anything may follow it and nothing else is asked.</summary>
    public string? Prefix => _tokens is [{ Text: { } text }, { Text: null, Many: true }] ? text : null;

    /// <summary>Every text matches.</summary>
    public bool IsAll => _tokens is [{ Text: null, Many: true }];

    /// <summary>For <c>LIKE … ESCAPE '/'</c>.</summary>
    public string Like
    {
        get
        {
            var like = new StringBuilder();
            foreach (var token in _tokens)
            {
                if (token.Text is not { } text)
                {
                    like.Append(token.Many ? '%' : '_');
                    continue;
                }

                foreach (var c in text)
                {
                    like.Append(c is '%' or '_' or '/' ? "/" : "").Append(c);
                }
            }

            return like.ToString();
        }
    }

    /// <summary>Runs of three characters that a matching text contains; none where the pieces are too short.</summary>
    public IReadOnlyList<string> Trigrams => Search.Trigrams.Of(_tokens.Select(t => t.Text).OfType<string>());

    /// <summary>Whether a whole text, folded as the pattern is, has its form.</summary>
    public bool Matches(string folded) => Glob.Matches(folded, _tokens);
}
