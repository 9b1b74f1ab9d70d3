using Alidade.Cli;
using Alidade.Engine.Graphs;
using Alidade.Engine.Values;
using Alidade.Functions;

namespace Alidade.EndToEnd.Tests.Cli;

/// <summary>What <c>alidade run</c> makes of a Python file.</summary>
public sealed class FunctionFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("alidade-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Parameters_take_their_type_from_annotation_or_default()
    {
        var function = Read(
            """
            from typing import Optional
            def train(name, epochs: int, rate: float = 1e-3, eps=[0.1, 0.2], options: dict = {"a": 1},
                      verbose=True, label="x y", limit: Optional[int] = 3, *rest, tag: str = f"{1}", **more):
                return 1
            """,
            given: ["name", "epochs"]
        );

        Assert.Equal(
            [
                new FunctionParameter("name", "any", "string", null, false),
                new FunctionParameter("epochs", "integer", "integer", null, false),
                new FunctionParameter("rate", "number", "float", "1e-3", false),
                new FunctionParameter("eps", "any", "list", "[0.1, 0.2]", false),
                new FunctionParameter("options", "any", "mapping", "{\"a\": 1}", false),
                new FunctionParameter("verbose", "any", "boolean", "True", false),
                new FunctionParameter("label", "any", "string", "x y", false),
                new FunctionParameter("limit", "integer", "integer", "3", false),
            ],
            function.Parameters
        );
        Assert.Equal(("run_job", "job.train", "job.py"), (function.PluginName, function.Name, function.Filename));
    }

    [Theory]
    [InlineData("int | str", "string", "any")]
    [InlineData("int | float", "float", "number")]
    [InlineData("None | list[int | str]", "list", "any")]
    [InlineData("typing.Dict[str, List[int]] | None", "mapping", "any")]
    public void A_union_is_a_text_unless_one_type_takes_all_of_it(string annotation, string kind, string type)
    {
        var parameter = Assert.Single(Read($"def f(x: {annotation}): pass\n", given: ["x"]).Parameters);

        Assert.Equal(new FunctionParameter("x", type, kind, null, false), parameter);
    }

    [Fact]
    public void A_default_only_python_knows_is_left_to_the_function_until_a_value_is_given()
    {
        const string Source = "def f(path=None, when: str = compute()):\n    pass\n";

        Assert.Empty(Read(Source).Parameters);
        Assert.Equal("f:\n  f: []\n", Read(Source).TaskGraph);
        Assert.Equal(["path"], Read(Source, given: ["path"]).Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void The_step_never_shares_its_name_with_a_parameter()
    {
        Assert.Equal("run_seed:\n  seed:\n    seed: $seed\n", Read("def seed(seed): pass", given: ["seed"]).TaskGraph);
    }

    [Theory]
    [InlineData("on", "yes")]
    [InlineData("no", "off")]
    [InlineData("null", "true")]
    [InlineData("y", "n")]
    [InlineData("None_", "NULL")]
    [InlineData("task", "task")]
    [InlineData("task", null)]
    [InlineData("task", "kwargs")]
    [InlineData("dependencies", "timeout")]
    [InlineData("dependencies", null)]
    [InlineData("timeout", null)]
    [InlineData("command", "args")]
    [InlineData("seed", "seed, run_seed")]
    public void Names_that_mean_something_in_a_graph_are_only_names(string name, string? parameters)
    {
        var names = parameters?.Split(", ") ?? [];
        var function = Read($"def {name}({parameters}): pass", given: names);
        var task = new TaskSignature("p", "job.py", name, [.. names.Select(n => new TaskInput(n, "any"))], []);
        var given = names.Select(n => new EntrypointParameter(n, ParameterType.String, null));
        var definition = new EntrypointDefinition(function.TaskGraph, "", [.. given], [], [task], [], []);

        Assert.Empty(EntrypointValidator.Validate(definition));
        Assert.Equal(name, Assert.Single(EntrypointValidator.Outline(definition)).Task);
    }

    [Theory]
    [InlineData("def a():\n    def b(): yield\n    return list(b())\n")]
    [InlineData("def a(): return lambda: (yield)\ndef _c(): yield\n")]
    [InlineData("import contextlib\n@contextlib.contextmanager\ndef a(): yield\n")]
    public void A_function_that_only_looks_like_a_generator_can_run(string source) =>
        Assert.Equal("a", Read(source).Function);

    [Theory]
    [InlineData("def only(): pass\ndef _helper(): pass", "only")]
    [InlineData("def a(): pass\ndef main(): pass", "main")]
    [InlineData("import alidade\ndef a(): pass\n@alidade.task\ndef b(): pass", "b")]
    [InlineData("from dioptra import pyplugs\n@pyplugs.register\ndef b(): pass\ndef main(): pass", "b")]
    public void The_function_that_can_be_meant_is_taken(string source, string expected) =>
        Assert.Equal(expected, Read(source).Function);

    [Theory]
    [InlineData("def a(): pass\ndef b(): pass", null, "--function. It has: a, b.")]
    [InlineData("x = 1", null, "It has none.")]
    [InlineData("def a(): pass", "b", "no function b at its top level. It has: a.")]
    [InlineData("def a(x): pass", "a", "needs a value: -P x=...")]
    [InlineData("def a(x=1, /): pass", "a", "positional-only")]
    [InlineData("async def a(): pass", "a", "async")]
    [InlineData("def a():\n    if True:\n        x = yield 1\n", "a", "a is a generator; only plain functions")]
    [InlineData("import alidade\n@alidade.task\ndef a(): yield from []", "a", "a is a generator")]
    [InlineData("def naïve(): pass", null, "job.py: the function naïve needs another name. A name is made of ASCII")]
    [InlineData("def a(größe): pass", null, "job.py: the parameter größe of a needs another name.")]
    [InlineData("def a(b, _): pass", null, "the parameter _ of a needs another name.")]
    [InlineData("def __a__(): pass", "__a__", "has a meaning of its own in Python")]
    [InlineData("def a(:\n", null, "no valid Python: Line 1")]
    public void What_cannot_run_is_explained(string source, string? wanted, string message)
    {
        var problem = Assert.Throws<CommandException>(() => Read(source, wanted));

        Assert.Contains(message, problem.Message);
    }

    [Fact]
    public void What_is_no_file_is_explained()
    {
        Read("def hello(_=None): pass");
        var named = Path.Combine(_folder.FullName, "job.py");

        Assert.Equal($"{_folder} is a folder; give a Python file.", Refused($"{_folder}"));
        Assert.Equal(
            $"There is no file {named}:hello; a function is named with -f: {named} -f hello",
            Refused($"{named}:hello")
        );
        Assert.Contains("cannot be read", Refused($"{named}x:hello"));
    }

    [Fact]
    public void Values_are_read_by_their_type_before_anything_is_sent()
    {
        var function = Read("def a(x: int, y=0.5): pass", given: ["x"]);

        ParameterValues.RequireReadable(function, ParameterValues.Split(["x=-1_000", "y=nan"]));
        var problem = Assert.Throws<CommandException>(() =>
            ParameterValues.RequireReadable(function, ParameterValues.Split(["x=many"]))
        );

        Assert.Contains("-P x=many: write a whole number", problem.Message);
        Assert.Throws<CommandException>(() => ParameterValues.Split(["x"]));
        Assert.Throws<CommandException>(() => ParameterValues.Split(["x=1", "x=2"]));
        Assert.Throws<CommandException>(() => Read("def a(): pass", given: ["x"]));
    }

    private static string Refused(string path) =>
        Assert.Throws<CommandException>(() => FunctionFile.Read(new FileInfo(path), null, [])).Message;

    private FunctionEntrypoint Read(string source, string? wanted = null, string[]? given = null)
    {
        var file = Path.Combine(_folder.FullName, "job.py");
        File.WriteAllText(file, source);
        return FunctionFile.Read(new FileInfo(file), wanted, given ?? []);
    }
}
