using System.Text.Json;
using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Tests.Graphs;

public sealed class EntrypointFileTests
{
    [Fact]
    public void Comments_and_layout_stay()
    {
        var file = Read(
            "# top\r\ngraph:\n  b:\n    task: []\n\n  # why\n  a:\n    task: $b\n\nartifacts:\n  x:\n    contents: $a\n"
        );

        Assert.Equal("b:\n  task: []\n\n# why\na:\n  task: $b\n", file.TaskGraph);
        Assert.Equal("x:\n  contents: $a\n", file.ArtifactGraph);
    }

    [Theory]
    [InlineData("{ graph: { b: { task: [ 'no', 1, '1', 1.0, null ] }, a: x } }")]
    [InlineData("common: &c\n  n: 1\ngraph:\n  b:\n    task: *c\n  a:\n    <<: *c\n")]
    [InlineData("graph: &g\n  b: 'it''s: #so'\n  a: |\n    many\n    lines\nartifacts: *g\n")]
    [InlineData("\"graph\":\n  b: []\n  a: {}\n")]
    public void What_cannot_be_cut_out_is_written_anew_and_means_the_same(string yaml)
    {
        var whole = (MappingNode)YamlReader.Read(yaml, "it").Root!;

        var file = Read(yaml);

        Assert.Equal(whole["graph"]!.ToValue(), YamlReader.Read(file.TaskGraph, "it").Root!.ToValue());
        Assert.Equal(
            whole["artifacts"]?.ToValue() ?? Value.Null,
            YamlReader.Read(file.ArtifactGraph, "it").Root!.ToValue()
        );
        Assert.True(
            file.TaskGraph.IndexOf("b:", StringComparison.Ordinal)
                < file.TaskGraph.IndexOf("a:", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a\n")]
    [InlineData("graph: [\n")]
    public void What_is_no_mapping_is_an_error(string yaml)
    {
        var (file, issues) = EntrypointFile.Read(yaml, "it.yaml");

        Assert.Null(file);
        Assert.Contains(issues, issue => issue.Severity == IssueSeverity.Error && issue.Document == "it.yaml");
    }

    [Fact]
    public void Every_value_is_written_so_that_it_reads_the_same()
    {
        using var recorded = JsonDocument.Parse(TestFiles.Read("Yaml/pyyaml-6.json"));
        var values = recorded
            .RootElement.EnumerateArray()
            .Select(entry => YamlReader.Read(entry.GetProperty("text").GetString()!, "it").Root?.ToValue())
            .OfType<Value>();

        Assert.All(
            values,
            value =>
            {
                var written = YamlWriter.Write(value);
                var read = YamlReader.Read(written, "it").Root?.ToValue();
                Assert.Equal(ValueJson.ToText(value), read is null ? "" : ValueJson.ToText(read));
            }
        );
    }

    private static EntrypointFile Read(string yaml)
    {
        var (file, issues) = EntrypointFile.Read(yaml, "it.yaml");
        Assert.DoesNotContain(issues, issue => issue.Severity == IssueSeverity.Error);
        return file!;
    }
}
