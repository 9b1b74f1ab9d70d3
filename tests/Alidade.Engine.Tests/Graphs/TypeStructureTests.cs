using Alidade.Engine.Types;

namespace Alidade.Engine.Tests.Graphs;

/// <summary>What is said of a type's structure when it is saved.</summary>
public sealed class TypeStructureTests
{
    private static readonly string[] Known = ["model"];

    [Theory]
    [InlineData("""{"is_a": "model"}""")]
    [InlineData("""{"list": {"tuple": ["number", "model"]}}""")]
    [InlineData("""{"tuple": []}""")]
    [InlineData("""{"mapping": ["integer", {"union": ["null", "string"]}]}""")]
    [InlineData("""{"mapping": {}}""")]
    [InlineData("""{"mapping": {"list": "number"}}""")]
    public void What_can_be_used_is_right(string structure) => Assert.Null(TypeStructure.Problem(structure, Known));

    [Theory]
    [InlineData("""{"lst": "number"}""", "Did you mean \"list\"?")]
    [InlineData("""{"list": "nmber"}""", "there is no type \"nmber\". Did you mean \"number\"?")]
    [InlineData("""{"list": ["number"]}""", "a list is not a definition with exactly one of list, tuple,")]
    [InlineData("""{"union": "number"}""", "\"union\" takes a list of types, not \"number\".")]
    [InlineData("""{"union": []}""", "\"union\" takes at least one type")]
    [InlineData("{}", "{} is not a definition with exactly one of")]
    [InlineData("""{"mapping": ["number", "string"]}""", "the keys of a mapping are of type string or integer")]
    [InlineData("""{"mapping": ["string"]}""", "\"mapping\" takes [key type, value type] or {property: type, …}")]
    [InlineData("""{"is_a": {"list": "number"}}""", "\"is_a\" takes the name of a type that is only a name")]
    [InlineData("""{"optional": "number"}""", "is not a definition with exactly one of")]
    [InlineData("""{"list": "number", "union": ["string"]}""", "is not a definition with exactly one of")]
    [InlineData("""{"tuple": [{"union": []}]}""", "\"union\" takes at least one type")]
    public void What_cannot_be_used_is_said(string structure, string problem) =>
        Assert.Contains(problem, TypeStructure.Problem(structure, Known), StringComparison.Ordinal);
}
