using System.Text.RegularExpressions;
using Alidade.Server.Logs;

namespace Alidade.Server.Tests.Logs;

public sealed class HtmlCleanerTests
{
    [Theory]
    [InlineData("plain ü text", "plain ü text")]
    [InlineData("1 < 2 && 3 > 2", "1 &lt; 2 &amp;&amp; 3 &gt; 2")]
    [InlineData("<b><img src='' onerror='alert(1)'>I'm bold</b> x", "<b><img src=\"\">I'm bold</b> x")]
    [InlineData("<a href=\"https://x.org\">y</a>", "<a href=\"https://x.org\" rel=\"noopener noreferrer\">y</a>")]
    [InlineData("<script>alert('hello')</script>name", "name")]
    [InlineData("<SCRIPT >x</ScRiPt foo>name", "name")]
    [InlineData("<script>never closed", "")]
    [InlineData("<a href=\"java\tscript:alert(1)\">y</a>", "<a rel=\"noopener noreferrer\">y</a>")]
    [InlineData("<a href=\"&#106;avascript:alert(1)\">y</a>", "<a rel=\"noopener noreferrer\">y</a>")]
    [InlineData("<iframe src=//evil>in</iframe>", "in")]
    [InlineData("<b>open <i>both", "<b>open <i>both</i></b>")]
    [InlineData("</b>stray", "stray")]
    [InlineData("<!-- <script>x</script> -->after", "after")]
    [InlineData("<b style=\"x\" class=y onclick=z>t</b>", "<b>t</b>")]
    [InlineData("<img src=\"a\" alt=\"&quot;><script>\">", "<img src=\"a\" alt=\"&quot;&gt;&lt;script&gt;\">")]
    [InlineData("&lt;script&gt;", "&lt;script&gt;")]
    public void Only_plain_formatting_comes_through(string text, string clean) =>
        Assert.Equal(clean, HtmlCleaner.Clean(text));

    [Fact]
    public void Random_markup_never_becomes_a_script_or_a_handler()
    {
        string[] parts =
        [
            "<",
            ">",
            "/",
            "script",
            "b",
            " onload=",
            "\"",
            "'",
            "=",
            "<a href=",
            "javascript:",
            "&lt;",
            "<!--",
            "x",
        ];
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(
                Enumerable.Range(0, random.Next(1, 14)).Select(_ => parts[random.Next(parts.Length)])
            );
            var clean = HtmlCleaner.Clean(text);
            var tags = Regex.Replace(clean, "\"[^\"]*\"", "");
            Assert.DoesNotMatch("<[^>]*(script|onload)[^>]*>", tags);
            Assert.DoesNotContain("href=\"javascript:", clean);
            Assert.Equal(clean, HtmlCleaner.Clean(clean));
        }
    }
}
