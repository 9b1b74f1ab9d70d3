using Alidade.Cli;
using Spectre.Console;

namespace Alidade.EndToEnd.Tests.Cli;

public sealed class PrintableTextTests
{
    [Theory]
    [InlineData("plain – ascii, ümlaut, 漢字 and\ttab", "plain – ascii, ümlaut, 漢字 and")]
    [InlineData("\u001b]0;owned\u0007\u001b[2J", @"\x1b]0;owned\x07\x1b[2J")]
    [InlineData("\u009b31mred\u0085\u007f", @"\x9b31mred\x85\x7f")]
    [InlineData("invoice\u202efdp.exe\u2066", @"invoice\u202efdp.exe\u2066")]
    public void Whatever_is_printed_shows_its_control_characters(string hostile, string shown)
    {
        using var writer = new StringWriter();
        var console = Consoles.Create(writer, isRedirected: true);

        console.Write(new Table().AddColumn("name").AddRow(hostile.EscapeMarkup()));
        console.MarkupLineInterpolated($"[red]{hostile}[/]");
        console.WriteLine(hostile);

        var lines = writer.ToString().Split('\n');
        Assert.Equal(3, lines.Count(line => line.Contains(shown, StringComparison.Ordinal)));
        Assert.DoesNotContain(writer.ToString(), c => char.IsControl(c) && c is not ('\t' or '\n'));
    }

    [Fact]
    public void A_list_shows_the_first_line_as_far_as_it_is_short()
    {
        Assert.Equal("", PrintableText.Title(null));
        Assert.Equal("first", PrintableText.Title(" first \r\nsecond"));
        Assert.Equal(new string('x', 60), PrintableText.Title(new string('x', 60)));
        var emoji = string.Concat(Enumerable.Repeat("😀", 61));
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 59)) + "…", PrintableText.Title(emoji));
    }

    [Fact]
    public void A_terminal_still_gets_its_colours()
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = AnsiSupport.Yes,
                ColorSystem = ColorSystemSupport.Standard,
            }
        );
        console.Pipeline.Attach(new PrintableText());

        console.MarkupLine("[red]a\u001bb[/]");

        Assert.Equal("\u001b[91ma\\x1bb\u001b[0m\n", writer.ToString());
    }
}
