namespace Alidade.Engine.Search.Filters;

/// <summary>
/// Reads filters: MLflow's comparisons (<c>metrics.acc &gt; 0.9</c>), our lists' terms (<c>name:adv*</c>, a bare word), joined by
/// AND or a comma, OR and NOT, with parentheses. OR binds less than AND.
/// </summary>
public static class FilterParser
{
    public const int LongestText = 4_000;
    public const int MostTerms = 64;
    public const int Deepest = 32;

    /// <exception cref="SearchSyntaxException">It cannot be read, or is too long to be worked through.</exception>
    public static FilterExpression Parse(string text)
    {
        if (text.Length > LongestText)
        {
            throw Error($"a filter has at most {LongestText} characters", LongestText);
        }

        var tokens = FilterLexer.Read(text);
        if (tokens is [.., { IsOpen: true } open])
        {
            throw Error("a quote is not closed", open.Position);
        }

        var reader = new Reader(tokens, text.Length);
        return reader.AtEnd ? new FilterAll([]) : reader.All();
    }

    private static SearchSyntaxException Error(string message, int at) => new($"At character {at + 1}: {message}.", at);

    private sealed class Reader(IReadOnlyList<FilterToken> tokens, int end)
    {
        private int _at;
        private int _terms;
        private int _depth;

        public bool AtEnd => _at >= tokens.Count;

        private int Position => AtEnd ? end : tokens[_at].Position;

        public FilterExpression All()
        {
            var all = Any();
            return AtEnd ? all : throw Error($"'{tokens[_at].Text}' cannot stand here", Position);
        }

        private FilterExpression Any()
        {
            List<FilterExpression> parts = [Both()];
            while (TryWord("OR"))
            {
                parts.Add(Both());
            }

            return parts.Count == 1 ? parts[0] : new FilterAny(parts);
        }

        private FilterExpression Both()
        {
            List<FilterExpression> parts = [One()];
            while (TryWord("AND") || TryWord(","))
            {
                parts.Add(One());
            }

            return parts.Count == 1 ? parts[0] : new FilterAll(parts);
        }

        private FilterExpression One()
        {
            if (AtEnd)
            {
                throw Error("a comparison is missing", end);
            }

            if (TryWord("NOT"))
            {
                Descend();
                var part = One();
                _depth--;
                return new FilterNot(part);
            }

            if (!TryWord("("))
            {
                return Term();
            }

            var opened = tokens[_at - 1].Position;
            Descend();
            var inside = Any();
            _depth--;
            return TryWord(")") ? inside : throw Error("the parenthesis is not closed", opened);
        }

        private void Descend()
        {
            if (++_depth > Deepest)
            {
                throw Error($"parentheses go at most {Deepest} deep", Position);
            }
        }

        private FilterExpression Term()
        {
            var at = Position;
            if (++_terms > MostTerms)
            {
                throw Error($"a filter has at most {MostTerms} terms", at);
            }

            if (ComparisonReader.Read(tokens, ref _at) is { } comparison)
            {
                return new FilterComparison(comparison, at);
            }

            return Word() ?? throw Error($"'{tokens[_at].Text}' is no comparison such as metrics.loss < 0.5", at);
        }

        /// <summary><c>field:value</c>, <c>field: 'value'</c>, or a value for itself.</summary>
        private FilterWord? Word()
        {
            var (text, at, _) = tokens[_at];
            if (
                text is ")" or "(" or "," or ";"
                || IsJoint(tokens[_at])
                || text[0] is '=' or '!' or '<' or '>'
                || IsComparator(_at + 1)
            )
            {
                return null;
            }

            _at++;
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (text[0] is '\'' or '"' or '`' || colon <= 0)
            {
                return new FilterWord(null, FieldNames.Unquoted(text), at);
            }

            var (field, value) = (text[..colon], text[(colon + 1)..]);
            if (value.Length == 0)
            {
                value = AtEnd ? throw Error("a value is missing after the colon", end) : tokens[_at++].Text;
            }

            return new FilterWord(field, FieldNames.Unquoted(value), at);
        }

        /// <summary>A term must stand before and after it; as a text it is written in quotes.</summary>
        private static bool IsJoint(FilterToken token) => token.IsWord("AND") || token.IsWord("OR");

        private bool IsComparator(int at) =>
            at < tokens.Count && (tokens[at].Text[0] is '=' or '!' or '<' or '>' || tokens[at].IsWord("LIKE"));

        private bool TryWord(string word)
        {
            if (AtEnd || !tokens[_at].IsWord(word))
            {
                return false;
            }

            _at++;
            return true;
        }
    }
}
