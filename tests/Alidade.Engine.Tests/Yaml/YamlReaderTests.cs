using System.Text;
using System.Text.Json;
using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Tests.Yaml;

public sealed class YamlReaderTests
{
    /// <summary>Where our parser is more generous, or stricter, than PyYAML's, without a different meaning.</summary>
    private static readonly HashSet<string> Tolerated = ["\ta: 1\n", "a: =\n", "a: <<\n", "...\n", "a: [\n1,\n2\n]\n"];

    [Fact]
    public void Reads_and_refuses_what_PyYAML_reads_and_refuses()
    {
        var differences = new List<string>();
        using var recorded = JsonDocument.Parse(TestFiles.Read("Yaml/pyyaml-6.json"));
        foreach (var entry in recorded.RootElement.EnumerateArray())
        {
            var text = entry.GetProperty("text").GetString()!;
            var expected = entry.TryGetProperty("value", out var value)
                ? ValueJson.ToText(ValueJson.Read(value))
                : "refused";
            var result = YamlReader.Read(text, Documents.TaskGraph);
            var actual = result.Root is { } root ? ValueJson.ToText(root.ToValue()) : "refused";
            if (actual != expected && !Tolerated.Contains(text))
            {
                differences.Add($"{JsonSerializer.Serialize(text)}: expected {expected}, got {actual}");
            }
        }
        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    [Fact]
    public void Knows_where_everything_stands()
    {
        var root = (MappingNode)YamlReader.Read("a: 1\nstep:\n  task: [x, $y]\n", Documents.TaskGraph).Root!;
        var step = (MappingNode)root["step"]!;
        var task = (SequenceNode)step["task"]!;

        Assert.Equal(new Place(Documents.TaskGraph, 2, 1), root.Entries[1].Key.Place);
        Assert.Equal(new Place(Documents.TaskGraph, 3, 3), step.Place);
        Assert.Equal(new Place(Documents.TaskGraph, 3, 13), task.Items[1].Place);
    }

    [Fact]
    public void Warns_of_a_key_that_stands_twice()
    {
        var issue = Assert.Single(YamlReader.Read("a: 1\nb: 2\na: 3\n", Documents.TaskGraph).Issues);

        Assert.Equal((IssueSeverity.Warning, 3, 1), (issue.Severity, issue.Line, issue.Column));
        Assert.Contains("\"a\"", issue.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: 1\nb: [1, 2\nc: 3\n", 2)]
    [InlineData("a: 1\nb: 0x_\n", 2)]
    [InlineData("a: 1\nb: *nowhere\n", 2)]
    [InlineData("a: 1\nb: !!python/object/apply:os.system [x]\n", 2)]
    [InlineData("a: 1\nb: \u0007\n", 2)]
    public void Says_where_a_text_is_no_YAML(string text, int line)
    {
        var result = YamlReader.Read(text, Documents.ArtifactGraph);

        Assert.Null(result.Root);
        var issue = Assert.Single(result.Issues);
        Assert.Equal(
            (IssueSeverity.Error, Documents.ArtifactGraph, line),
            (issue.Severity, issue.Document, issue.Line)
        );
    }

    public static TheoryData<string, string> Bombs()
    {
        var laughs = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i <= 9; i++)
        {
            laughs.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }
        var quadratic =
            $"a: &a [{string.Join(",", Enumerable.Repeat("x", 2000))}]\nb: [{string.Join(",", Enumerable.Repeat("*a", 90))}]";
        return new()
        {
            { laughs.ToString(), "aliases counted" },
            { quadratic, "aliases counted" },
            {
                "a: &a x\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"b{i}: *a\n")),
                "more than 100 aliases"
            },
            { "a: &a [*a]", "inside what it repeats" },
            { new string('[', 10_000), "nested deeper" },
            { new string('[', 1024 * 1024), "nested deeper" },
            { string.Concat(Enumerable.Repeat("- ", 10_000)), "nested deeper" },
            { string.Concat(Enumerable.Repeat("{a: ", 10_000)), "nested deeper" },
            { "- x\n" + string.Concat(Enumerable.Repeat("- y\n", 150_000)), "more than 100000 nodes" },
            { new string('x', (1024 * 1024) + 1), "larger than 1024 KiB" },
            { "a: " + new string('9', 10_000), "digits at most" },
        };
    }

    [Theory]
    [MemberData(nameof(Bombs), DisableDiscoveryEnumeration = true)]
    public void Refuses_what_would_cost_too_much(string text, string reason)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = YamlReader.Read(text, Documents.TaskGraph);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Null(result.Root);
        Assert.Contains(reason, Assert.Single(result.Issues).Message, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 128 * 1024 * 1024);
    }
}
