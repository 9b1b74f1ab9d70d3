using Alidade.Engine.Toml;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Tests.Toml;

public sealed class TomlReaderTests
{
    [Fact]
    public void Structure_and_order_stay()
    {
        const string Text = """
            # a comment
            title = "a \"quoted\" \u00e9\x21"   # behind a value
            'odd key' = 'C:\raw'
            fruit.apple.smooth = true
            fruit.orange = 2
            [table.inner]
            numbers = [ 1, -2_000, 0.5,
              1e3, 0xff, 0o17, 0b1, ] # over two lines
            inline = { a = true, b = { c = [] },
              d.e = 1, }
            [table]
            late = 1979-05-27 07:32:00Z
            [[rows]]
            name = "first"
              [[rows.cells]]
              value = 1
              [[rows.cells]]
              value = 2
              [rows.more]
              x = 1
            [[rows]]
            name = "second"
            """;

        Assert.Equal(
            "{\"title\":\"a \\\"quoted\\\" é!\",\"odd key\":\"C:\\\\raw\",\"fruit\":{\"apple\":{\"smooth\":true},\"orange\":2},"
                + "\"table\":{\"inner\":{\"numbers\":[1,-2000,0.5,1000.0,255,15,1],"
                + "\"inline\":{\"a\":true,\"b\":{\"c\":[]},\"d\":{\"e\":1}}},\"late\":\"1979-05-27 07:32:00Z\"},"
                + "\"rows\":[{\"name\":\"first\",\"cells\":[{\"value\":1},{\"value\":2}],\"more\":{\"x\":1}},{\"name\":\"second\"}]}",
            Json(Text)
        );
    }

    [Theory]
    [InlineData("a = \"\"\"\nx \\\n   y\n\"\"z\"\"\"\"\n", "x y\n\"\"z\"")]
    [InlineData("a = '''\nraw \\n\n'''", "raw \\n\n")]
    [InlineData("a = \"\"\"crlf\r\nend\"\"\"", "crlf\nend")]
    [InlineData("a = \"\"", "")]
    public void Strings_may_go_over_many_lines(string text, string expected) =>
        Assert.Equal(Value.Of(expected), TomlReader.Read(text, "x")["a"]!.ToValue());

    [Theory]
    [InlineData("a = 1\nb = oops\n", "line 2: expected a string in quotes")]
    [InlineData("a = \"open\n", "line 1: expected a closing \"")]
    [InlineData("a = \"\"\"open\n\n", "line 1: expected a closing \"\"\"")]
    [InlineData("a = 1\na = 2\n", "line 2: \"a\" is given twice")]
    [InlineData("a = [1, 2\n", "expected ]")]
    [InlineData("a = 1 b = 2\n", "line 1: expected the end of the line")]
    [InlineData("[a\n", "line 1: expected ]")]
    [InlineData("[a]\n[b]\n[a]\n", "line 3: \"a\" is given twice")]
    [InlineData("a = { b = 1 }\n[a.c]\n", "line 2: \"a\" is complete as written")]
    [InlineData("a = { b = 1 }\na.c = 1\n", "line 2: \"a\" is defined elsewhere")]
    [InlineData("[a.b]\n[a]\nb.c = 1\n", "line 3: \"b\" is defined elsewhere")]
    [InlineData("a = 1\n[a.b]\n", "line 2: \"a\" is a value")]
    [InlineData("a = []\n[[a]]\n", "line 2: \"a\" is given twice")]
    [InlineData("a = 01\n", "line 1: expected a string in quotes")]
    [InlineData("a = 1.2.3\n", "line 1: expected a string in quotes")]
    [InlineData("a = 2023-02-29\n", "line 1: 2023-02-29 is no time that exists")]
    [InlineData("a = \"\\q\"\n", "line 1: \\q is no escape")]
    [InlineData("a = \"\\ud800\"\n", "line 1: expected 4 hexadecimal digits")]
    [InlineData("a = 1\n# \u0001\n", "line 2: the character U+0001")]
    [InlineData("= 1\n", "line 1: expected a name")]
    public void Broken_toml_names_the_line(string text, string message)
    {
        var problem = Assert.Throws<TomlException>(() => TomlReader.Read(text, "x"));

        Assert.StartsWith(message[..4] == "line" ? message : "line", problem.Message, StringComparison.Ordinal);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a=")]
    [InlineData("a.")]
    public void Depth_has_a_limit(string opening)
    {
        var text = (opening == "a." ? "" : "a = ") + string.Concat(Enumerable.Repeat(opening, 100_000));

        Assert.Throws<TomlException>(() => TomlReader.Read(text, "x"));
    }

    [Fact]
    public void Every_value_knows_its_place()
    {
        var root = TomlReader.Read("a = 1\n\n[b]\n  c = [ 2,\n   'x' ]\n", "x");

        var item = ((SequenceNode)((MappingNode)root["b"]!)["c"]!).Items[1];
        Assert.Equal(5, item.Place.Line);
        Assert.Equal(4, item.Place.Column);
    }

    private static string Json(string text) => ValueJson.ToText(TomlReader.Read(text, "x").ToValue());
}
