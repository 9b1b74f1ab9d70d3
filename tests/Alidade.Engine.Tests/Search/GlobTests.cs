using Alidade.Engine.Search;

namespace Alidade.Engine.Tests.Search;

public sealed class GlobTests
{
    [Theory]
    [InlineData("f:abc", "abc", true)]
    [InlineData("f:abc", "abcd", false)]
    [InlineData("f:a*", "abc", true)]
    [InlineData("f:*c", "abc", true)]
    [InlineData("f:*bc", "bcbbc", true)]
    [InlineData("f:a*b*c", "axxbyybzc", true)]
    [InlineData("f:a*b*c", "axxcyyb", false)]
    [InlineData("f:ab*ba", "aba", false)]
    [InlineData("f:a?c", "abc", true)]
    [InlineData("f:a?c", "a\U0001F600c", true)]
    [InlineData("f:*?b", "\U0001F600b", true)]
    [InlineData("f:*a?a*", "baab_aba", true)]
    [InlineData("f:*??*", "a", false)]
    [InlineData("f:*", "", true)]
    [InlineData("f:?", "", false)]
    [InlineData("b c", "abxxcd", true)]
    [InlineData("c b", "abxxcd", false)]
    public void A_text_matches_as_a_whole(string search, string text, bool matches) =>
        Assert.Equal(matches, Glob.Matches(text, SearchParser.Parse(search).Terms[0].Pattern));

    [Fact]
    public void Texts_match_as_a_regular_expression_says()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var pattern = Draw(random, "ab*?", random.Next(1, 7));
            var text = Draw(random, "ab", random.Next(0, 9));
            var wanted = System.Text.RegularExpressions.Regex.IsMatch(
                text,
                "^" + pattern.Replace("*", ".*").Replace('?', '.') + "$"
            );
            Assert.True(
                wanted == Glob.Matches(text, SearchParser.Parse("f:" + pattern).Terms[0].Pattern),
                $"{pattern} on {text}"
            );
        }
    }

    private static string Draw(Random random, string of, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => of[random.Next(of.Length)]));
}
