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
    public void Points_at_what_it_cannot_read(string text, int position)
    {
        var error = Assert.Throws<SearchSyntaxException>(() => SearchParser.Parse(text));

        Assert.Equal(position, error.Position);
    }

    private static string Show(SearchQuery query) =>
        string.Join(' ', query.Terms.Select(t => $"{t.Field ?? "any"}:{string.Concat(t.Pattern.Select(Show))}"));

    private static string Show(SearchToken token) =>
        token.Text is { } text ? $"[{text}]"
        : token.Many ? "*"
        : "?";
}
