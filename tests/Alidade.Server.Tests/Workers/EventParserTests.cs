using System.Text;
using Alidade.Server.Workers.Events;

namespace Alidade.Server.Tests.Workers;

public sealed class EventParserTests
{
    private static readonly string Digest = new('a', 64);

    [Fact]
    public void Every_kind_is_read_and_known_events_are_skipped()
    {
        var batch = Parse(
            2,
            """{"n":2,"t":5,"k":"log","s":"stdout","l":"INFO","m":"known"}""",
            """{"n":3,"t":6,"k":"start","pid":7,"level":"L0","facts":{"deep":[1,{}]}}""",
            """{"n":4,"t":7,"k":"log","s":"log","l":"ERROR","m":"ü\n\"","step":"train","logger":"my.log"}""",
            """{"n":5,"t":8,"k":"metric","name":"loss","value":0.5,"step":3}""",
            """{"n":6,"t":9,"k":"metric","name":"loss","value":{"$":"float","v":"nan"},"step":4,"at":1}""",
            """{"n":7,"t":10,"k":"step","step":"train","state":"failed","error":"boom"}""",
            """{"n":8,"t":11,"k":"result","name":"acc","value":{"a":[1, 2]}}""",
            """{"n":9,"t":12,"k":"parameter","name":"eps","value":"0.1"}""",
            """{"n":10,"t":13,"k":"tag","name":"kind","value":"demo"}""",
            """{"n":11,"t":14,"k":"artifact","name":"model","root":"outputs/1","folder":false,"files":[{"path":"m.npy","size":3,"sha256":"DIGEST"}],"task":{"module":"p.a","name":"T"}}""".Replace(
                "DIGEST",
                Digest
            ),
            """{"n":12,"t":15,"k":"lost","what":"log lines","count":9}"""
        );

        Assert.Equal((3, 12), (batch.From, batch.To));
        Assert.Equal(
            ["ü\n\"", "9 of log lines were dropped because a quota was used up."],
            batch.Lines.Select(l => l.Message)
        );
        Assert.Equal([(3, 8, 0.5), (4, 1, double.NaN)], batch.Points.Select(p => (p.Step, p.Time, p.Value)));
        Assert.Equal(
            ["StartEvent", "StepEvent", "ResultEvent", "ParameterEvent", "TagEvent", "ArtifactEvent"],
            batch.Core.Select(e => e.GetType().Name)
        );
        Assert.Equal("""{"a":[1, 2]}""", Assert.IsType<ResultEvent>(batch.Core[2]).Value);
        Assert.Equal("m.npy", Assert.IsType<ArtifactEvent>(batch.Core[5]).Files.Single().Path);
    }

    [Theory]
    [InlineData("""{"n":1,"t":1,"k":"mystery"}""")]
    [InlineData("""{"n":1,"t":1}""")]
    [InlineData("""{"n":0,"t":1,"k":"log","s":"stdout","l":"INFO","m":""}""")]
    [InlineData("""{"n":"1","t":1,"k":"log","s":"stdout","l":"INFO","m":""}""")]
    [InlineData("""{"n":99999999999999999999,"t":1,"k":"log"}""")]
    [InlineData("""{"n":1,"t":1,"k":"log","s":"elsewhere","l":"INFO","m":""}""")]
    [InlineData("""{"n":1,"t":1,"k":"log","s":"stdout","l":"LOUD","m":""}""")]
    [InlineData("""{"n":1,"t":1,"k":"log","s":"stdout","l":"INFO"}""")]
    [InlineData("""{"n":1,"t":1,"k":"log","s":"stdout","l":"INFO","m":"\ud800"}""")]
    [InlineData("""{"n":1,"t":1,"k":"metric","name":"a"}""")]
    [InlineData("""{"n":1,"t":1,"k":"metric","name":"","value":1}""")]
    [InlineData("""{"n":1,"t":1,"k":"metric","name":"a","value":[1]}""")]
    [InlineData("""{"n":1,"t":1,"k":"tag","name":"a","value":1}""")]
    [InlineData("""{"n":1,"t":1,"k":"artifact","name":"../a","folder":true,"files":[]}""")]
    [InlineData("""{"n":1,"t":1,"k":"artifact","name":"a","folder":false,"files":[]}""")]
    [InlineData(
        """{"n":1,"t":1,"k":"artifact","name":"a","folder":true,"files":[{"path":"/etc/passwd","size":1,"sha256":"x"}]}"""
    )]
    [InlineData("""[1]""")]
    [InlineData("""{"n":1,"t":1,"k":"log" """)]
    [InlineData("""{"n":1,"t":1,"k":"tag","name":"a","value":"b"} trailing""")]
    [InlineData("not json")]
    public void A_wrong_line_refuses_the_batch_with_a_reason(string line) =>
        Assert.Contains("line", Assert.Throws<EventFormatException>(() => Parse(0, line)).Message);

    [Fact]
    public void A_gap_is_told_apart_and_numbers_are_dense_within_a_batch()
    {
        const string Tag = """{"n":$,"t":1,"k":"tag","name":"a","value":"b"}""";
        Assert.Throws<EventGapException>(() => Parse(0, Tag.Replace("$", "2")));
        Assert.Throws<EventFormatException>(() => Parse(0, Tag.Replace("$", "1"), Tag.Replace("$", "3")));
        Assert.Equal(0, Parse(9, Tag.Replace("$", "9")).To);
    }

    [Fact]
    public void A_line_without_end_is_refused_and_names_without_end_are_cut()
    {
        var huge = new string('x', EventParser.LongestLine);
        Assert.Throws<EventFormatException>(() =>
            Parse(0, $$"""{"n":1,"t":1,"k":"tag","name":"a","value":"{{huge}}"}""")
        );
        var batch = Parse(0, $$"""{"n":1,"t":1,"k":"metric","name":"{{new string('n', 5000)}}","value":1}""");
        Assert.Equal(250, batch.Points.Single().Name.Length);
        var tag = Parse(0, """{"n":1,"t":1,"k":"tag","name":"a","value":"b\u0000c"}""");
        Assert.Equal("b\uFFFDc", Assert.IsType<TagEvent>(tag.Core.Single()).Value);
    }

    [Fact]
    public void A_long_result_stays_json_and_no_name_is_cut_through_a_character()
    {
        var json = $"[\"{new string('x', 200_000)}\"]";
        var result = Parse(0, $$"""{"n":1,"t":1,"k":"result","name":"r","value":{{json}}}""");
        Assert.Equal(json, Assert.IsType<ResultEvent>(result.Core.Single()).Value);

        var name = new string('n', 249) + "\U0001F600 and more";
        var point = Parse(0, $$"""{"n":1,"t":1,"k":"metric","name":"{{name}}","value":1}""").Points.Single();
        Assert.Equal(name[..249], point.Name);
    }

    private static AttemptEvents Parse(long after, params string[] lines) =>
        EventParser.Parse(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"), after);
}
