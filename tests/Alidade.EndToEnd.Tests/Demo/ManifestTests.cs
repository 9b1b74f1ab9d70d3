using System.Text.Json.Nodes;
using Alidade.Demo;

namespace Alidade.EndToEnd.Tests.Demo;

/// <summary>The example's manifest as the demo reads it.</summary>
public sealed class ManifestTests
{
    [Fact]
    public void Toml_keeps_its_structure()
    {
        var read = TomlReader.Read(
            """
            # a comment
            title = "a \"quoted\" \u00e9"   # behind a value
            'odd key' = 'C:\raw'
            [table.inner]
            numbers = [ 1, -2_000, 0.5,
              1e3, ] # over two lines
            inline = { a = true, b = { c = [] } }
            [[rows]]
            name = "first"
              [[rows.cells]]
              value = 1
              [[rows.cells]]
              value = 2
            [[rows]]
            name = "second"
            """
        );

        var expected = JsonNode.Parse(
            """
            {"title": "a \"quoted\" é", "odd key": "C:\\raw",
             "table": {"inner": {"numbers": [1, -2000, 0.5, 1000], "inline": {"a": true, "b": {"c": []}}}},
             "rows": [{"name": "first", "cells": [{"value": 1}, {"value": 2}]}, {"name": "second"}]}
            """
        );
        Assert.Equal(expected!.ToJsonString(), JsonNode.Parse(read.ToJsonString())!.ToJsonString());
    }

    [Theory]
    [InlineData("a = 1\nb = oops\n", "line 2: expected a string in quotes")]
    [InlineData("a = \"open\n", "line 1: expected a closing \"")]
    [InlineData("a = 1\na = 2\n", "line 2: \"a\" is given twice")]
    [InlineData("a = [1, 2\n", "expected ]")]
    [InlineData("a = 1 b = 2\n", "line 1: expected the end of the line")]
    [InlineData("[a\n", "line 1: expected ]")]
    public void Broken_toml_names_the_line(string text, string message)
    {
        var problem = Assert.Throws<FormatException>(() => TomlReader.Read(text));

        Assert.Contains(message, problem.Message);
    }

    [Fact]
    public void The_example_is_complete()
    {
        var folder = new ExampleFolder("digits-robustness");
        var manifest = Manifest.Read(folder.Read("dioptra.toml"));

        var plugin = Assert.Single(manifest.Plugins);
        var files = folder.List(plugin.Path, ".py");
        Assert.All(plugin.Tasks.Functions, task => Assert.Contains(task.Filename, files));
        Assert.All(
            plugin.Tasks.Functions,
            task => Assert.Contains($"def {task.Name}(", folder.Read($"{plugin.Path}/{task.Filename}"))
        );
        Assert.All(
            plugin.Tasks.Artifacts,
            task => Assert.Contains($"class {task.Name}(", folder.Read($"{plugin.Path}/{task.Filename}"))
        );
        var evaluate = manifest.Entrypoints.Single(entrypoint => entrypoint.Name == DigitsMatrix.Entrypoint);
        Assert.Superset(
            new HashSet<string> { "defence", "attack", "eps" },
            evaluate.Params!.Select(parameter => parameter.Name).ToHashSet()
        );
    }

    [Fact]
    public void A_graph_file_is_cut_at_its_keys()
    {
        var graph = GraphFile.Read(
            "# top\ngraph:\n  a:\n    task: []\n\n  # why\n  b:\n    task: $a\n\nartifacts:\n  x:\n    contents: $b\n"
        );

        Assert.Equal("a:\n  task: []\n\n# why\nb:\n  task: $a\n", graph.TaskGraph);
        Assert.Equal("x:\n  contents: $b\n", graph.ArtifactGraph);
    }
}
