using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;
using Alidade.Engine.Plans;
using Alidade.Engine.Values;

namespace Alidade.Engine.Tests.Plans;

public sealed class PlanCompilerTests
{
    private const string Graph = """
        attack:
          task: attack
          args: [$train.model]
          kwargs: {eps: $eps, options: {1: $eps, text: $$eps, list: [$train.accuracy, yes]}}
          dependencies: load
        train:
          train: {data: $load, epochs: $epochs, layers: $layers, start: $start}
        load:
          load: []
        """;

    private const string Artifacts = """
        model:
          contents: $train.model
          task: {name: ModelTask, args: {format: npz}}
        """;

    [Fact]
    public void A_command_and_a_time_limit_are_part_of_the_plan()
    {
        const string steps = """
            fetch:
              command: [python3, fetch.py, $eps]
              timeout: 15m
            train:
              task: command
              args: make train
              kwargs: {EPS: $eps}
              dependencies: fetch
              timeout: 90
            end:
              command: [./my tool]
              dependencies: train
            """;
        var definition = Definitions.Digits(steps) with { Parameters = [new("eps", ParameterType.Float, "0.1")] };

        var compiled = PlanCompiler.Compile(Definitions.Request(definition));

        Assert.Empty(compiled.Issues);
        var plan = JsonDocument.Parse(compiled.Plan!.Json).RootElement.GetProperty("steps");
        const string Expected = """
            [{"name":"fetch","task":"command","module":"alidade._host.command","function":"run",
            "args":["python3","fetch.py",{"$":"ref","v":{"parameter":"eps"}}],"kwargs":{},
            "outputs":[],"after":[],"timeout":900},
            {"name":"train","task":"command","module":"alidade._host.command","function":"run",
            "args":["make train"],"kwargs":{"EPS":{"$":"ref","v":{"parameter":"eps"}}},
            "outputs":[],"after":["fetch"],"timeout":90},
            {"name":"end","task":"command","module":"alidade._host.command","function":"program",
            "args":["./my tool"],"kwargs":{},"outputs":[],"after":["train"]}]
            """;
        Assert.Equal(Expected.ReplaceLineEndings(""), plan.GetRawText());
    }

    [Fact]
    public void Writes_the_plan_the_host_executes()
    {
        var request = Definitions.Request(Definitions.Digits(Graph, Artifacts), ("epochs", " 1_0 "), ("options", "{}"));

        var plan = PlanCompiler.Compile(request).Plan!;

        const string Expected = """
            {"version":1,"entrypoint":{"id":14,"snapshot":16,"name":"digits-train"},
            "parameters":{"eps":0.1,"epochs":10,"layers":[64,32],"options":{}},
            "inputs":[{"name":"start","path":"inputs/start","outputs":["estimator"],
            "task":{"module":"digits.artifacts","name":"ModelTask"}}],
            "steps":[{"name":"load","task":"load","module":"digits.data","function":"load",
            "args":[],"kwargs":{},"outputs":["data"],"after":[]},
            {"name":"train","task":"train","module":"digits.models.training","function":"train",
            "args":[],"kwargs":{"data":{"$":"ref","v":{"step":"load"}},
            "epochs":{"$":"ref","v":{"parameter":"epochs"}},
            "layers":{"$":"ref","v":{"parameter":"layers"}},
            "start":{"$":"ref","v":{"artifact":"start"}}},
            "outputs":["model","accuracy"],"after":["load"]},
            {"name":"attack","task":"attack","module":"digits","function":"attack",
            "args":[{"$":"ref","v":{"step":"train","output":"model"}}],
            "kwargs":{"eps":{"$":"ref","v":{"parameter":"eps"}},
            "options":{"$":"map","v":[[1,{"$":"ref","v":{"parameter":"eps"}}],["text","$eps"],
            ["list",[{"$":"ref","v":{"step":"train","output":"accuracy"}},true]]]}},
            "outputs":[],"after":["train","load"]}],
            "outputs":[{"name":"model","contents":{"$":"ref","v":{"step":"train","output":"model"}},
            "task":{"module":"digits.artifacts","name":"ModelTask"},"args":{"format":"npz"}}]}
            """;
        Assert.Equal(Expected.ReplaceLineEndings(""), plan.Json);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(plan.Json))), plan.Digest);
        Assert.Equal(["load", "train", "attack"], plan.Steps.Select(step => step.Name));
        Assert.Equal(["train", "load"], plan.Steps[2].After);
        Assert.Equal(Value.Of(10), plan.Values.Single(value => value.Key == "epochs").Value);
    }

    [Fact]
    public void Says_everything_that_is_wrong_with_a_submission_at_once()
    {
        var request = Definitions.Request(
            Definitions.Digits(Graph),
            ("epochs", "ten"),
            ("esp", "1"),
            ("layers", "[\"wide\"]")
        ) with
        {
            Artifacts = new Dictionary<string, ArtifactInput>
            {
                ["strat"] = new("x", new("digits", "artifacts.py", "Other", [])),
            },
        };

        var (plan, issues) = PlanCompiler.Compile(request);

        Assert.Null(plan);
        Assert.Equal(
            [
                "values: A value is given for \"esp\", which is no parameter of this entrypoint (Did you mean \"eps\"?)",
                "values: Parameter \"epochs\": \"ten\" does not read as integer: write a whole number such as 42 or -1_000.",
                "values: Parameter \"options\" has no default, so a value must be given",
                "taskGraph 7:49: In step \"train\": input \"layers\" is given tuple[string] and takes sizes (sizes is list[integer].)",
                "artifactValues: An artifact is given for \"strat\", which is no artifact parameter of this entrypoint (Did you mean \"start\"?)",
                "artifactValues: Artifact parameter \"start\" is given no artifact",
            ],
            issues.Select(issue => issue.ToString())
        );
    }

    [Fact]
    public void A_list_without_default_has_the_type_of_the_value_it_is_given()
    {
        var definition = Definitions.Digits("load:\n  load: []\ntrain:\n  train: [$load, 1, $layers]\n");
        definition = definition with
        {
            Parameters = [.. definition.Parameters.Select(parameter => parameter with { Default = null })],
            ArtifactParameters = [],
        };
        PlanResult Compile(string layers) =>
            PlanCompiler.Compile(
                Definitions.Request(definition, ("eps", "1"), ("epochs", "1"), ("options", "{}"), ("layers", layers))
            );

        Assert.Empty(EntrypointValidator.Validate(definition));
        Assert.NotNull(Compile("[1, 2, 3]").Plan);
        Assert.Equal(IssueType.Type, Assert.Single(Compile("[1.5]").Issues).Type);
        Assert.Equal("layers", Assert.Single(Compile("[1.5]").WrongValues).Parameter);

        // An entrypoint that is wrong whatever it is given is not the values' fault.
        definition = definition with
        {
            TaskGraph = definition.TaskGraph + "more:\n  gone: []\n",
        };
        Assert.Empty(Compile("[1.5]").WrongValues);
    }

    [Fact]
    public void A_thousand_steps_in_a_chain_compile_in_order()
    {
        var graph = new StringBuilder();
        for (var i = 999; i >= 0; i--)
        {
            graph.Append($"s{i}:\n  next: {(i == 0 ? "0" : $"$s{i - 1}")}\n");
        }
        EntrypointDefinition definition = new(
            graph.ToString(),
            "",
            [],
            [],
            [new("p", "a.py", "next", [new("x", "number")], [new("y", "number")])],
            [],
            []
        );

        var plan = PlanCompiler.Compile(Definitions.Request(definition)).Plan!;

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"s{i}"), plan.Steps.Select(step => step.Name));
        using var json = JsonDocument.Parse(plan.Json);
        Assert.Equal(1000, json.RootElement.GetProperty("steps").GetArrayLength());
    }

    [Fact]
    public void A_text_that_is_no_Unicode_is_refused()
    {
        var definition = Definitions.Digits(Graph) with { Parameters = [new("name", ParameterType.String, null)] };
        var request = Definitions.Request(
            definition with
            {
                TaskGraph = "load:\n  load: []\n",
            },
            ("name", "half \ud800")
        );
        Assert.Contains(PlanCompiler.Compile(request).Issues, issue => issue.Document == Documents.Values);
    }

    [Fact]
    public void The_configuration_is_plain_JSON_in_the_order_of_the_entrypoint()
    {
        var definition = new EntrypointDefinition(
            "hello:\n  hello:\n    a: $p1\n    b: {1: [yes, .nan, 99999999999999999999]}\n",
            "",
            [
                new("p1", ParameterType.String, "abc"),
                new("l", ParameterType.List, null),
                new("m", ParameterType.Mapping, """{"a": [1]}"""),
                new("i", ParameterType.Integer, null),
                new("b", ParameterType.Boolean, "TRUE"),
                new("f", ParameterType.Float, "2"),
            ],
            [new("ai", [new("o", "any")])],
            [
                new("my_plug", "a.py", "hello", [new("a", "string"), new("b", "any")], [new("output", "string")]),
                new("my_plug", "a/b.py", "two", [], [new("x", "string"), new("y", "t")]),
            ],
            [],
            [new("t", """{"list": "string"}"""), new("u", null), new("any", null)]
        );

        var (json, issues) = EntrypointConfig.Write(definition);

        Assert.Empty(issues);
        const string Expected = """
            {"types":{"t":{"list":"string"},"u":null},
            "parameters":{"p1":{"default":"abc","type":"string"},"l":{},"m":{"default":{"a":[1]}},
            "i":{"type":"integer"},"b":{"default":true,"type":"boolean"},"f":{"default":2.0,"type":"number"}},
            "tasks":{"hello":{"plugin":"my_plug.a.hello",
            "inputs":[{"name":"a","type":"string","required":true},{"name":"b","type":"any","required":true}],
            "outputs":{"output":"string"}},
            "two":{"plugin":"my_plug.a.b.two","outputs":[{"x":"string"},{"y":"t"}]}},
            "graph":{"hello":{"hello":{"a":"$p1","b":{"1":[true,"NaN",99999999999999999999]}}}},
            "artifact_outputs":{},"artifact_inputs":{"ai":{"o":"any"}}}
            """;
        Assert.Equal(Expected.ReplaceLineEndings(""), json);
    }
}
