using System.Text;

namespace Alidade.Engine.Search;

/// <summary>
/// Reads the search language: terms split by commas, each <c>field:value</c> or a bare value; values are words, or quoted;
/// <c>*</c> and <c>?</c> are wildcards, a backslash takes the next of <c>\ ? * " ' n : ,</c> literally.
/// </summary>
public static class SearchParser
{
    public const int LongestText = 512;
    public const int MostTerms = 32;

    /// <summary>Wildcards of one term, the gaps between bare words included.</summary>
    public const int MostWildcards = 64;

    /// <exception cref="SearchSyntaxException">It cannot be read, or is too long to be worked through.</exception>
    public static SearchQuery Parse(string text)
    {
        if (text.Length > LongestText)
        {
            throw Reader.Error($"a search has at most {LongestText} characters", LongestText);
        }

        var reader = new Reader(text);
        var terms = new List<SearchTerm>();
        reader.SkipBlanks();
        while (!reader.AtEnd)
        {
            var term = reader.Term();
            terms.Add(term);
            if (terms.Count > MostTerms)
            {
                throw Reader.Error($"a search has at most {MostTerms} terms", term.Position);
            }

            if (term.Pattern.Count(token => token.Text is null) > MostWildcards)
            {
                throw Reader.Error($"a term has at most {MostWildcards} wildcards", term.Position);
            }

            if (!reader.AtEnd)
            {
                reader.Expect(',');
                reader.SkipBlanks();
                if (reader.AtEnd)
                {
                    throw reader.Error("a term is missing after the comma");
                }
            }
        }

        return new SearchQuery(terms);
    }

    private sealed class Reader(string text)
    {
        private const string Escapable = "\\?*\"'n:,";

        private int _at;

        public bool AtEnd => _at >= text.Length;

        public SearchTerm Term()
        {
            var start = _at;
            var field = Field();
            SkipBlanks();
            var pattern = AtEnd ? throw Error("a value is missing") : Value(bare: field is null);
            SkipBlanks();
            return new SearchTerm(field, pattern, start);
        }

        public void Expect(char wanted)
        {
            if (text[_at] != wanted)
            {
                throw Error($"'{text[_at]}' cannot stand here; put the value in quotes");
            }

            _at++;
        }

        public void SkipBlanks()
        {
            while (!AtEnd && char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
        }

        public SearchSyntaxException Error(string message) => Error(message, _at);

        public static SearchSyntaxException Error(string message, int at) =>
            new($"At character {at + 1}: {message}.", at);

        /// <summary>The name before a colon, consumed with it; nothing is consumed when there is none.</summary>
        private string? Field()
        {
            var end = _at;
            while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '_'))
            {
                end++;
            }

            var colon = end;
            while (colon < text.Length && char.IsWhiteSpace(text[colon]))
            {
                colon++;
            }

            if (end == _at || colon >= text.Length || text[colon] != ':')
            {
                return null;
            }

            var field = text[_at..end];
            _at = colon + 1;
            return field;
        }

        private List<SearchToken> Value(bool bare) => text[_at] is '"' or '\'' ? Quoted(text[_at], bare) : Words(bare);

        private List<SearchToken> Quoted(char quote, bool bare)
        {
            var start = _at++;
            var pattern = new Pattern();
            while (!AtEnd && text[_at] != quote)
            {
                if (text[_at] is '\n' or '\0')
                {
                    throw Error(
                        text[_at] == '\n' ? "a line break in quotes is written \\n" : "this character is in no text"
                    );
                }

                pattern.Add(Wildcard() ?? new SearchToken(text[_at] == '\\' ? Escape() : text[_at++].ToString()));
            }

            if (AtEnd)
            {
                _at = start;
                throw Error("the quote is not closed");
            }

            _at++;
            return pattern.Tokens.Count == 0 ? throw Error("the quotes are empty")
                : bare ? [SearchToken.AnyRun, .. pattern.Tokens, SearchToken.AnyRun]
                : pattern.Tokens;
        }

        /// <summary>Words without quotes. Without a field, blanks split words that must follow one another anywhere.</summary>
        private List<SearchToken> Words(bool bare)
        {
            var start = _at;
            var pattern = new Pattern();
            if (bare)
            {
                pattern.Add(SearchToken.AnyRun);
            }

            while (!AtEnd && text[_at] != ',')
            {
                if (char.IsWhiteSpace(text[_at]))
                {
                    SkipBlanks();
                    if (AtEnd || text[_at] == ',')
                    {
                        break;
                    }

                    pattern.Add(bare ? SearchToken.AnyRun : throw Error("a value with blanks needs quotes"));
                }
                else if (Wildcard() is { } wildcard)
                {
                    pattern.Add(wildcard);
                }
                else if (text[_at] == '\\')
                {
                    pattern.Add(new SearchToken(Escape()));
                }
                else if (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_')
                {
                    pattern.Add(new SearchToken(text[_at++].ToString()));
                }
                else
                {
                    throw Error($"'{text[_at]}' cannot stand in a value without quotes");
                }
            }

            if (_at == start)
            {
                throw Error("a value is missing");
            }

            if (bare)
            {
                pattern.Add(SearchToken.AnyRun);
            }

            return pattern.Tokens;
        }

        private SearchToken? Wildcard()
        {
            var token = text[_at] switch
            {
                '*' => SearchToken.AnyRun,
                '?' => SearchToken.AnyOne,
                _ => null,
            };
            _at += token is null ? 0 : 1;
            return token;
        }

        private string Escape()
        {
            if (_at + 1 >= text.Length || !Escapable.Contains(text[_at + 1], StringComparison.Ordinal))
            {
                throw Error("a backslash must be followed by one of \\ ? * \" ' n : ,");
            }

            _at += 2;
            return text[_at - 1] == 'n' ? "\n" : text[_at - 1].ToString();
        }
    }

    /// <summary>Joins characters to texts and neighbouring <c>*</c> to one.</summary>
    private sealed class Pattern
    {
        private readonly StringBuilder _text = new();

        public List<SearchToken> Tokens { get; } = [];

        public void Add(SearchToken token)
        {
            if (token.Text is { } text)
            {
                _text.Append(text);
                if (_text.Length > text.Length)
                {
                    Tokens.RemoveAt(Tokens.Count - 1);
                }

                Tokens.Add(new SearchToken(_text.ToString()));
                return;
            }

            _text.Clear();
            if (Tokens.Count == 0 || !ReferenceEquals(Tokens[^1], SearchToken.AnyRun) || !token.Many)
            {
                Tokens.Add(token);
            }
        }
    }
}
