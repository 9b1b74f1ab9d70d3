using Alidade.Engine.Graphs;

namespace Alidade.Engine.Tests.Graphs;

/// <summary>Which types may be given where which are expected, seen from the graph.</summary>
public sealed class TypeTests
{
    private static readonly NamedType[] Types =
    [
        new("thing", null),
        new("small", """{"is_a": "thing"}"""),
        new("tiny", """{"is_a": "small"}"""),
        new("count", """{"is_a": "integer"}"""),
        new("numbers", """{"list": "number"}"""),
        new("integers", """{"list": "integer"}"""),
        new("things", """{"list": "thing"}"""),
        new("pair", """{"tuple": ["integer", "string"]}"""),
        new("table", """{"mapping": ["string", "number"]}"""),
        new("by_number", """{"mapping": ["integer", "string"]}"""),
        new("point", """{"mapping": {"x": "number", "y": "number"}}"""),
        new("number_or_text", """{"union": ["number", "string"]}"""),
        new("matrix", """{"list": {"list": "number"}}"""),
        new("nested", """{"tuple": [{"mapping": {"a": {"list": "thing"}}}, {"union": ["null", "point"]}]}"""),
    ];

    [Theory]
    [InlineData("1", "number")]
    [InlineData("1", "integer")]
    [InlineData("1.0", "number")]
    [InlineData("yes", "boolean")]
    [InlineData("~", "null")]
    [InlineData("text", "string")]
    [InlineData("$$x", "string")]
    [InlineData("[1, {a: b}]", "any")]
    [InlineData("$tiny", "thing")]
    [InlineData("$tiny", "any")]
    [InlineData("$count", "number")]
    [InlineData("[]", "numbers")]
    [InlineData("[1, 2.5]", "numbers")]
    [InlineData("[$count, 1]", "integers")]
    [InlineData("[$tiny, $thing]", "things")]
    [InlineData("[1, a]", "pair")]
    [InlineData("{a: 1, b: 2.5}", "table")]
    [InlineData("{}", "table")]
    [InlineData("{1: a, 2: b}", "by_number")]
    [InlineData("{x: 1, y: 2}", "point")]
    [InlineData("{y: 1, x: $count}", "point")]
    [InlineData("1", "number_or_text")]
    [InlineData("a", "number_or_text")]
    [InlineData("$number_or_text", "number_or_text")]
    [InlineData("$numbers", "numbers")]
    [InlineData("[[1], [2, 3]]", "matrix")]
    [InlineData("[[1], $numbers]", "matrix")]
    [InlineData("[{a: [$thing]}, {x: 1, y: 1}]", "nested")]
    [InlineData("[{a: []}, ~]", "nested")]
    public void Fits(string argument, string type) => Assert.Empty(Check(argument, type));

    [Theory]
    [InlineData("1.0", "integer", "number", "integer")]
    [InlineData("yes", "number", "boolean", "number")]
    [InlineData("1e3", "number", "string", "number")]
    [InlineData("$any", "number", "any", "number")]
    [InlineData("$thing", "small", "thing", "small")]
    [InlineData("[1, a]", "numbers", "tuple[integer, string]", "numbers")]
    [InlineData("[1]", "pair", "tuple[integer]", "pair")]
    [InlineData("$integers", "numbers", "integers", "numbers")]
    [InlineData("$numbers", "pair", "numbers", "pair")]
    [InlineData("{a: b}", "table", "mapping[{a: string}]", "table")]
    [InlineData("{1: a, b: c}", "table", "any", "table")]
    [InlineData("{1: a, 2: 3}", "by_number", "mapping[integer, union[string, integer]]", "by_number")]
    [InlineData("{}", "by_number", "mapping[{}]", "by_number")]
    [InlineData("{x: 1}", "point", "mapping[{x: integer}]", "point")]
    [InlineData("$table", "point", "table", "point")]
    [InlineData("$number_or_text", "number", "number_or_text", "number")]
    [InlineData("~", "number_or_text", "null", "number_or_text")]
    [InlineData("[[$thing]]", "matrix", "tuple[tuple[thing]]", "matrix")]
    public void Does_not_fit(string argument, string type, string given, string expected) =>
        Assert.Equal(
            $"In step \"use\": input \"x\" is given {given} and takes {expected}",
            Assert.Single(Check(argument, type)).Message
        );

    [Theory]
    [InlineData("""{"list": "nothing"}""", "there is no type \"nothing\"")]
    [InlineData("""{"is_a": "numbers"}""", "\"is_a\" takes a type that is only a name")]
    [InlineData("""{"mapping": ["number", "string"]}""", "the keys of a mapping are of type string or integer")]
    [InlineData("""{"mapping": ["string"]}""", "\"mapping\" takes [key type, value type]")]
    [InlineData("""{"list": "any", "tuple": []}""", "exactly one of list, tuple, mapping, union, is_a")]
    [InlineData("""{"lst": "any"}""", "exactly one of list, tuple, mapping, union, is_a")]
    [InlineData("""{"union": ["number", {"list": "odd"}]}""", "are defined by each other")]
    public void A_wrong_definition_is_explained(string structure, string reason)
    {
        var issue = Assert.Single(Check("1", "number", new NamedType("odd", structure)));

        Assert.Contains(reason, issue.Message, StringComparison.Ordinal);
    }

    /// <summary>Each type holds the one before it twice, so walking them would never end.</summary>
    [Fact]
    public void Types_built_from_each_other_many_times_over_cost_no_more_than_their_number()
    {
        var types = new List<NamedType>();
        foreach (var side in "ab")
        {
            types.Add(
                new(
                    $"{side}0",
                    side == 'a' ? """{"union": ["number", "null"]}""" : """{"union": ["number", "null", "string"]}"""
                )
            );
            for (var i = 1; i <= 60; i++)
            {
                var before = $"{side}{i - 1}";
                types.Add(new($"{side}{i}", $$"""{"union": ["{{before}}", {"list": "{{before}}"}]}"""));
            }
        }

        Assert.Empty(Check("$a60", "b60", [.. types]));
        Assert.Single(Check("$b60", "a60", [.. types]));
    }

    private static IReadOnlyList<Engine.Issues.Issue> Check(string argument, string type, params NamedType[] more)
    {
        NamedType[] types = [.. Types, .. more];
        var names = types.Select(named => named.Name).Append("any").ToList();
        return EntrypointValidator.Validate(
            new EntrypointDefinition(
                $"{string.Concat(names.Select(name => $"{name}: {{make_{name}: []}}\n"))}use: {{use: [{argument}]}}\n",
                "",
                [],
                [],
                [
                    .. names.Select(name => new TaskSignature("p", "a.py", $"make_{name}", [], [new("value", name)])),
                    new("p", "a.py", "use", [new("x", type)], []),
                ],
                [],
                types
            )
        );
    }
}
