using System.Text;
using Alidade.Engine.Search;

namespace Alidade.Engine.Tests.Search;

/// <summary>Patterns against a matcher so simple that it is plainly right.</summary>
public sealed class SearchPatternTests
{
    private static readonly string[] Pieces =
    [
        "a",
        "b",
        "ab",
        "aB",
        "É",
        "e\u0301",
        "ﬁ",
        "漢",
        "𝒜",
        "😀",
        "%",
        "_",
        "/",
        " ",
    ];

    [Fact]
    public void Matches_as_the_definition_says()
    {
        var random = new Random(11);
        var matched = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var text = TextFolding.Fold(Text(random, 6));
            var pattern = Pattern(random);
            var expected = Naive([.. text.EnumerateRunes()], pattern.ToArray());

            Assert.True(
                expected == SearchPattern.Of(new SearchTerm(null, pattern, 0)).Matches(text),
                Show(pattern, text)
            );
            matched += expected ? 1 : 0;
        }

        Assert.InRange(matched, 1000, 19_000);
    }

    [Fact]
    public void A_matching_text_has_every_trigram()
    {
        var random = new Random(12);
        for (var i = 0; i < 20_000; i++)
        {
            var text = TextFolding.Fold(Text(random, 8));
            var pattern = SearchPattern.Of(new SearchTerm(null, Pattern(random), 0));
            if (pattern.Matches(text))
            {
                Assert.All(pattern.Trigrams, trigram => Assert.Contains(trigram, text, StringComparison.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData("'a%b_c/d'", "%a/%b/_c//d%", null, null)]
    [InlineData("name:'Été*'", "été%", null, "été")]
    [InlineData("name:Exact", "exact", "exact", null)]
    [InlineData("name:'x?'", "x_", null, null)]
    public void Becomes_a_condition(string search, string like, string? exact, string? prefix)
    {
        var pattern = SearchPattern.Of(SearchParser.Parse(search).Terms[0]);

        Assert.Equal((like, exact, prefix), (pattern.Like, pattern.Exact, pattern.Prefix));
    }

    [Theory]
    [InlineData("ABC", "abc")]
    [InlineData("É", "é")]
    [InlineData("E\u0301", "e\u0301")]
    [InlineData("ΣΩ", "σω")]
    [InlineData("ﬁ𝒜😀漢", "ﬁ𝒜😀漢")]
    [InlineData("𐐀", "𐐨")]
    [InlineData("\u212A", "k")]
    public void Folds(string text, string folded) => Assert.Equal(folded, TextFolding.Fold(text));

    private static List<SearchToken> Pattern(Random random)
    {
        var tokens = new List<SearchToken>();
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            tokens.Add(
                random.Next(4) switch
                {
                    0 => SearchToken.AnyRun,
                    1 => SearchToken.AnyOne,
                    _ => new SearchToken(Text(random, 2)),
                }
            );
        }

        return tokens;
    }

    private static string Text(Random random, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    private static bool Naive(ReadOnlySpan<Rune> text, ReadOnlySpan<SearchToken> pattern)
    {
        if (pattern.IsEmpty)
        {
            return text.IsEmpty;
        }

        if (pattern[0].Text is { } literal)
        {
            Rune[] wanted = [.. TextFolding.Fold(literal).EnumerateRunes()];
            return text.StartsWith(wanted) && Naive(text[wanted.Length..], pattern[1..]);
        }

        if (!pattern[0].Many)
        {
            return !text.IsEmpty && Naive(text[1..], pattern[1..]);
        }

        for (var skipped = 0; skipped <= text.Length; skipped++)
        {
            if (Naive(text[skipped..], pattern[1..]))
            {
                return true;
            }
        }

        return false;
    }

    private static string Show(IEnumerable<SearchToken> pattern, string text) =>
        $"'{string.Concat(pattern.Select(t => t.Text ?? (t.Many ? "*" : "?")))}' on '{text}'";
}
