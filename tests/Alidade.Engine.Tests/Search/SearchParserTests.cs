using Alidade.Engine.Search;

namespace Alidade.Engine.Tests.Search;

public sealed class SearchParserTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("foo", "any:*[foo]*")]
    [InlineData("two words", "any:*[two]*[words]*")]
    [InlineData("name:foo", "name:[foo]")]
    [InlineData("name:foo*", "name:[foo]*")]
    [InlineData("name:'a b-c?', tag:x", "name:[a b-c]? tag:[x]")]
    [InlineData("name:\"it\\'s \\* here\"", "name:[it's * here]")]
    [InlineData("description:*,foo", "description:* any:*[foo]*")]
    [InlineData("'exact text'", "any:*[exact text]*")]
    public void Reads(string text, string expected) => Assert.Equal(expected, Show(SearchParser.Parse(text)));

    [Theory]
    [InlineData("name:", 5)]
    [InlineData("a-b", 1)]
    [InlineData("name:'open", 5)]
    [InlineData("foo,", 4)]
    [InlineData("name:two words", 9)]
    [InlineData("x\\y", 1)]
    [InlineData("''", 2)]
    [InlineData("name:'a\nb'", 7)]
    [InlineData("'a\0b'", 2)]
    [InlineData("a\tb,c\u0001", 5)]
    [InlineData("'a\\x'", 2)]
    [InlineData("a,,b", 2)]
    [InlineData(",", 0)]
    [InlineData("name:a'b'", 6)]
    public void Points_at_what_it_cannot_read(string text, int position)
    {
        var error = Assert.Throws<SearchSyntaxException>(() => SearchParser.Parse(text));

        Assert.Equal(position, error.Position);
    }

    [Fact]
    public void Refuses_what_is_too_long_to_be_worked_through()
    {
        var error = Assert.Throws<SearchSyntaxException>(() => SearchParser.Parse(new string('a', 5000)));
        Assert.Equal(SearchParser.LongestText, error.Position);
        error = Assert.Throws<SearchSyntaxException>(() =>
            SearchParser.Parse(string.Join(',', Enumerable.Repeat("a", 40)))
        );
        Assert.Equal(2 * SearchParser.MostTerms, error.Position);
        error = Assert.Throws<SearchSyntaxException>(() =>
            SearchParser.Parse("a," + string.Concat(Enumerable.Repeat("?a", 100)))
        );
        Assert.Equal(2, error.Position);
    }

    private static string Show(SearchQuery query) =>
        string.Join(' ', query.Terms.Select(t => $"{t.Field ?? "any"}:{string.Concat(t.Pattern.Select(Show))}"));

    private static string Show(SearchToken token) =>
        token.Text is { } text ? $"[{text}]"
        : token.Many ? "*"
        : "?";
}
