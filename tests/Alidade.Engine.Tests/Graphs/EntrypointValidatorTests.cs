using System.Text;
using Alidade.Engine.Graphs;
using Alidade.Engine.Values;

namespace Alidade.Engine.Tests.Graphs;

public sealed class EntrypointValidatorTests
{
    [Fact]
    public void A_command_names_a_program_and_a_limit_is_a_length_of_time()
    {
        const string Graph = """
            a: {command: []}
            b: {command: {EPS: 1}}
            d: {command: ls, timeout: soon}
            e: {command: ls, timeout: 0}
            """;

        var (wrong, right) = (Graph.Split('\n')[..2], Graph.Split('\n')[2..]);

        Assert.Equal(
            [
                "taskGraph 1:5: In step \"a\": task \"command\" cannot be called so: no program is named (Write command: [program, argument, ...], or a line for the shell as one text.)",
                "taskGraph 2:5: In step \"b\": task \"command\" cannot be called so: no program is named (Write command: [program, argument, ...], or a line for the shell as one text.)",
            ],
            Messages(Definitions.Digits(string.Join('\n', wrong)))
        );
        Assert.Equal(
            [
                "taskGraph 1:27: In step \"d\" timeout: \"soon\" is no length of time (Write seconds, such as 90, or a number with s, m, h or d, such as 15m.)",
                "taskGraph 2:27: In step \"e\" timeout: 0 is no length of time (Write seconds, such as 90, or a number with s, m, h or d, such as 15m.)",
            ],
            Messages(Definitions.Digits(string.Join('\n', right)))
        );
    }

    [Theory]
    [InlineData("a: {command: }")]
    [InlineData("a: {command: ''}")]
    [InlineData("a: {command: ['  ', x]}")]
    public void A_command_of_nothing_would_be_green_and_is_refused(string graph) =>
        Assert.Equal(
            "taskGraph 1:5: In step \"a\": task \"command\" cannot be called so: no program is named (Write command: [program, argument, ...], or a line for the shell as one text.)",
            Assert.Single(Messages(Definitions.Digits(graph)))
        );

    [Fact]
    public void What_an_artifact_task_is_given_is_held_against_what_it_loads()
    {
        const string Graph = "load: {load: []}\ntrain: {train: [$load, 1]}\nany: {anything: []}\n";
        const string Artifacts = """
            right: {contents: $train.model, task: {name: ModelTask}}
            unknown: {contents: $any, task: {name: ModelTask}}
            wrong: {contents: $load, task: {name: ModelTask, args: {indent: $eps}}}
            both: {contents: [$train.model, $train.accuracy], task: {name: Both}}
            swapped: {contents: [$train.accuracy, $train.model], task: {name: Both}}
            half: {contents: $train.model, task: {name: Both}}
            scores: {contents: $load, task: {name: Scores}}
            """;
        var digits = Definitions.Digits(Graph, Artifacts);
        var definition = digits with
        {
            Tasks = [.. digits.Tasks, new("digits", "data.py", "anything", [], [new("it", "any")])],
            ArtifactTasks =
            [
                .. digits.ArtifactTasks,
                new("digits", "artifacts.py", "Both", [new("model", "model"), new("accuracy", "number")]),
                new("digits", "artifacts.py", "Scores", [new("scores", "scores")]),
            ],
            Types = [.. digits.Types, new("scores", null)],
        };

        var issues = EntrypointValidator.Validate(definition);

        Assert.All(issues, issue => Assert.Equal(Engine.Issues.IssueSeverity.Warning, issue.Severity));
        Assert.Equal(
            [
                "In artifact output \"wrong\": task \"ModelTask\" loads model and is given dataset to store",
                "In artifact output \"wrong\": \"args\" are handed over as they are, \"$eps\" as a text",
                "In artifact output \"swapped\": task \"Both\" loads tuple[model, number] and is given tuple[number, model] to store",
                "In artifact output \"half\": task \"Both\" loads tuple[model, number] and is given model to store",
                "In artifact output \"scores\": task \"Scores\" loads scores and is given dataset to store",
            ],
            issues.Select(issue => issue.Message)
        );
    }

    [Fact]
    public void Steps_that_are_all_commands_need_no_plugin()
    {
        var none = Definitions.Digits("a: {command: ls}\nb: {command: [echo, $eps], dependencies: [a]}") with
        {
            Tasks = [],
        };

        Assert.Empty(Messages(none));
        Assert.Contains("Give the entrypoint a plugin", Messages(none with { TaskGraph = "a: {load: []}" }).First());
    }

    [Fact]
    public void A_task_named_timeout_or_command_of_a_plugin_is_that_task()
    {
        var definition = Definitions.Digits("a: {timeout: 5}\nb: {command: 1}") with
        {
            Tasks =
            [
                new("own", "tasks.py", "timeout", [new("seconds", "integer")], []),
                new("own", "tasks.py", "command", [new("number", "integer")], []),
            ],
        };

        Assert.Empty(Messages(definition));
    }

    [Fact]
    public void A_typo_is_answered_with_its_place_and_the_name_that_was_meant()
    {
        const string Graph = """
            load:
              laod: []
            train:
              train: {data: $laod, epoch: $epochs, layers: $eps, start: $start.estmator}
            attack:
              task: attack
              args: [$train, $eps.value, {}, 1]
              kwargs: {eps: 0.1}
              dependencies: [trian]
            """;

        Assert.Equal(
            [
                "taskGraph 2:3: In step \"load\": unrecognized task plugin: laod (Did you mean \"load\"?)",
                "taskGraph 4:24: In step \"train\": task \"train\" cannot be called so: it has no input \"epoch\" (Did you mean \"epochs\"?)",
                "taskGraph 4:3: In step \"train\": task \"train\" cannot be called so: its input \"epochs\" is not given",
                "taskGraph 7:34: In step \"attack\": task \"attack\" cannot be called so: it takes 3 at most and is given 4 by position (It takes: model, eps, options.)",
                "taskGraph 8:12: In step \"attack\": task \"attack\" cannot be called so: its input \"eps\" is given by name and as number 2 by position",
                "taskGraph 4:17: In step \"train\": reference \"$laod\": there is no parameter, step or artifact of this name (Did you mean \"load\"?)",
                "taskGraph 4:61: In step \"train\": reference \"$start.estmator\": the artifact \"start\" has no output \"estmator\" (Did you mean \"estimator\"?)",
                "taskGraph 7:10: In step \"attack\": reference \"$train\": the step \"train\" gives more than one output, so one must be named (Write one of $train.model, $train.accuracy.)",
                "taskGraph 7:18: In step \"attack\": reference \"$eps.value\": \"eps\" is a parameter, and parameters have no outputs (Write $eps.)",
                "taskGraph 9:18: In step \"attack\": the dependency \"trian\" is no step (Did you mean \"train\"?)",
                "taskGraph 4:48: In step \"train\": input \"layers\" is given number and takes sizes (sizes is list[integer].)",
            ],
            Messages(Definitions.Digits(Graph))
        );
    }

    [Fact]
    public void A_cycle_is_named()
    {
        const string Graph = """
            load:
              load: []
            a:
              train: {data: $load, epochs: 1, dependencies: x}
              dependencies: c
            b:
              train: [$load, 1, [1], $a.model]
            c:
              attack: [$b.model, 1]
            """;

        var message = Assert.Single(
            Messages(Definitions.Digits(Graph)),
            text => text.Contains("wait", StringComparison.Ordinal)
        );

        Assert.Contains("b → c → a → b", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "taskGraph 1:1: In graph section: there is no step")]
    [InlineData("a: 1", "taskGraph 1:4: In step \"a\": 1 is not a mapping")]
    [InlineData(
        "a: {load: [], train: [], dependencies: b}",
        "taskGraph 1:4: In step \"a\": more than one task is named"
    )]
    [InlineData("a: {load: [], train: []}", "taskGraph 1:4: In step \"a\": more than one task is named")]
    [InlineData(
        "a: {load: [], dependencys: b}",
        "taskGraph 1:4: In step \"a\": more than one task is named (Did you mean \"dependencies\"?)"
    )]
    [InlineData(
        "a: {load: [], timout: 5}",
        "taskGraph 1:4: In step \"a\": more than one task is named (Did you mean \"timeout\"?)"
    )]
    [InlineData("a: {dependencies: b}", "taskGraph 1:4: In step \"a\": no task is named")]
    [InlineData(
        "a: {task: load, arg: []}",
        "taskGraph 1:17: In step \"a\": \"arg\" does not belong here (Did you mean \"args\"?)"
    )]
    [InlineData(
        "a: {task: load, args: {b: 1}}",
        "taskGraph 1:23: In step \"a\": \"args\" takes a list or a single value"
    )]
    [InlineData("a: {task: load, kwargs: [1]}", "taskGraph 1:25: In step \"a\": \"kwargs\" takes a mapping")]
    [InlineData("a: {load: [], dependencies: 1}", "taskGraph 1:29: In step \"a\" dependencies: 1 is not a step name")]
    [InlineData("1: {load: []}", "taskGraph 1:1: Graph step names must be text: 1 (Write \"1\" in quotes.)")]
    [InlineData("a.b: {load: []}", "taskGraph 1:1: Step name \"a.b\" contains a dot")]
    [InlineData("eps: {load: []}", "taskGraph 1:1: The name \"eps\" is given to a parameter and to a step")]
    [InlineData(
        "a: {load: }",
        "taskGraph 1:11: In step \"a\": task \"load\" cannot be called so: it takes 0 at most and is given 1 by position (It takes none: write load: [].)"
    )]
    [InlineData("a: {load: []", "taskGraph 1:13: The YAML cannot be read: ")]
    [InlineData("a: {load: []}\na: {load: []}", "taskGraph 2:1: The key \"a\" stands twice")]
    [InlineData(
        "a: {comand: ls}",
        "taskGraph 1:5: In step \"a\": unrecognized task plugin: comand (Did you mean \"command\"?)"
    )]
    [InlineData("# indented\n    a:\n      lod: []\n", "taskGraph 3:7: In step \"a\": unrecognized task plugin: lod")]
    public void Every_form_but_the_right_one_is_explained(string graph, string message) =>
        Assert.StartsWith(message, Assert.Single(Messages(Definitions.Digits(graph))), StringComparison.Ordinal);

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\\\b")]
    [InlineData("a\\nb")]
    public void An_artifact_has_a_name_that_it_can_be_kept_under(string name)
    {
        var graph = $"\"{name}\": {{contents: $start, task: {{name: ModelTask, args: {{a: 1}}}}}}";

        Assert.StartsWith(
            "artifactGraph 1:1: No artifact can be kept under the name",
            Assert.Single(Messages(Definitions.Digits("a: {load: []}", graph))),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("model: {contents: $start, task: {name: ModelTask, args: {a: 1}}}", null)]
    [InlineData(
        "model: {contents: $load, task: {name: ModelTask}}",
        "artifactGraph 1:19: In artifact output \"model\": task \"ModelTask\" loads model and is given dataset to store"
    )]
    [InlineData(
        "model: {contents: [$load, {a: $load}], task: {name: ModelTask, args: {a: 1}}}",
        "artifactGraph 1:19: In artifact output \"model\": task \"ModelTask\" loads model and is given tuple[dataset, mapping"
    )]
    [InlineData(
        "model: {contents: $laod, task: {name: ModelTask}}",
        "artifactGraph 1:19: In artifact output \"model\": reference \"$laod\""
    )]
    [InlineData(
        "model: {contents: $load, task: {name: ModlTask}}",
        "artifactGraph 1:39: In artifact output \"model\": there is no artifact task \"ModlTask\" (Did you mean \"ModelTask\"?)"
    )]
    [InlineData(
        "model: {contents: load, task: {name: ModelTask}}",
        "artifactGraph 1:19: In artifact output \"model\": \"contents\" must refer"
    )]
    [InlineData(
        "model: {contents: $load, task: ModelTask}",
        "artifactGraph 1:8: In artifact output \"model\": \"task\" must be a mapping"
    )]
    [InlineData(
        "model: {contents: $load, task: {name: ModelTask}, more: 1}",
        "artifactGraph 1:51: In artifact output \"model\": \"more\" does not belong here"
    )]
    public void Artifact_outputs_are_checked_too(string graph, string? message)
    {
        var messages = Messages(Definitions.Digits("load: {load: []}", graph));

        if (message is null)
        {
            Assert.Empty(messages);
        }
        else
        {
            Assert.StartsWith(message, Assert.Single(messages), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_plugins_parameters_and_types_say_is_checked()
    {
        var digits = Definitions.Digits("load: {load: []}");
        var definition = digits with
        {
            Parameters =
            [
                new("n", ParameterType.Integer, "many"),
                new("a", ParameterType.String, null),
                new("a", ParameterType.String, null),
            ],
            Tasks =
            [
                .. digits.Tasks,
                new("other", "x.py", "make", [], [new("a", "broken"), new("b", "sub")]),
                new("other", "__init__.py", "load", [new("x", "modle"), new("x", "model")], []),
            ],
            Types =
            [
                .. digits.Types,
                new("broken", "{"),
                new("number", """{"list": "any"}"""),
                new("sub", """{"is_a": "sizes"}"""),
                new("of_nobody", """{"list": "nothing"}"""),
                new("of_nobody_either", "}"),
            ],
        };

        Assert.Equal(
            [
                "types: In definition of type \"broken\": the structure is not JSON: a name in double quotes is expected (at character 2)",
                "parameters: Parameter \"n\": \"many\" does not read as integer: write a whole number such as 42 or -1_000.",
                "plugins: In task \"load\": the input name \"x\" is repeated",
                "plugins: In task \"load\": input \"x\" has undefined type: modle (Did you mean \"model\"?)",
                "taskGraph 1:8: In step \"load\": task \"load\" cannot be called so: its input \"x\" is not given",
                "types: In definition of type \"number\": a built-in type cannot be defined again",
                "types: In definition of type \"sub\": \"is_a\" takes a type that is only a name, not sizes",
                "parameters: The parameter name \"a\" is given twice",
                "plugins: The task \"load\" stands in digits.data, other; that of other counts",
            ],
            Messages(definition)
        );
    }

    [Fact]
    public void The_outline_shows_what_can_be_read_of_a_broken_graph()
    {
        var steps = EntrypointValidator.Outline(
            Definitions.Digits("b: {nothing: $a}\nc: 1\na: {train: [$b, $c], dependencies: [zz]}\n")
        );

        Assert.Equal(["b", "a"], steps.Select(step => step.Name));
        Assert.Equal(["a"], steps[0].After);
        Assert.Equal(["b"], steps[1].After);
        Assert.Equal(["model", "accuracy"], steps[1].Outputs);
        Assert.Empty(EntrypointValidator.Outline(Definitions.Digits("{")));
    }

    [Fact]
    public void A_huge_graph_in_which_nothing_fits_is_answered_in_bounded_memory()
    {
        var graph = new StringBuilder();
        for (var i = 0; i < 6_000; i++)
        {
            graph.Append($"step_with_a_name_{i}: {{load: [$step_with_no_name_{i}, $other_{i}]}}\n");
        }
        var before = GC.GetAllocatedBytesForCurrentThread();

        var issues = EntrypointValidator.Validate(Definitions.Digits(graph.ToString()));

        Assert.Equal(18_000, issues.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    private static IEnumerable<string> Messages(EntrypointDefinition definition) =>
        EntrypointValidator.Validate(definition).Select(issue => issue.ToString());
}
