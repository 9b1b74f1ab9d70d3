using Alidade.Engine.Values;

namespace Alidade.Engine.Tests.Values;

public sealed class ParameterTextTests
{
    [Theory]
    [InlineData(ParameterType.String, " as is ", "\" as is \"")]
    [InlineData(ParameterType.Integer, " 42\n", "42")]
    [InlineData(ParameterType.Integer, "+1_000", "1000")]
    [InlineData(ParameterType.Integer, "-010", "-10")]
    [InlineData(ParameterType.Integer, "٤٢", "42")]
    [InlineData(ParameterType.Float, "1", "1.0")]
    [InlineData(ParameterType.Float, " 1_0.5e-3 ", "0.0105")]
    [InlineData(ParameterType.Float, ".5", "0.5")]
    [InlineData(ParameterType.Float, "5.", "5.0")]
    [InlineData(ParameterType.Float, "-Infinity", """{"$":"float","v":"-inf"}""")]
    [InlineData(ParameterType.Float, "+NaN", """{"$":"float","v":"nan"}""")]
    [InlineData(ParameterType.Float, "1e999", """{"$":"float","v":"inf"}""")]
    [InlineData(ParameterType.Boolean, "TrUe", "true")]
    [InlineData(ParameterType.Boolean, "false", "false")]
    [InlineData(
        ParameterType.List,
        "[1, 1.0, NaN, \"\\u00e9\", -Infinity, {\"a\": [], \"a\": null}]",
        """[1,1.0,{"$":"float","v":"nan"},"é",{"$":"float","v":"-inf"},{"a":null}]"""
    )]
    [InlineData(
        ParameterType.Mapping,
        " {\"b\": 1, \"a\": {\"$\": true}} ",
        """{"b":1,"a":{"$":"map","v":[["$",true]]}}"""
    )]
    [InlineData(
        ParameterType.List,
        "[123456789012345678901234567890]",
        """[{"$":"int","v":"123456789012345678901234567890"}]"""
    )]
    public void Reads_as_Python_does(ParameterType type, string text, string json) =>
        Assert.Equal(json, ValueJson.ToText(ParameterText.Parse("p", type, text)));

    [Theory]
    [InlineData(ParameterType.Integer, "")]
    [InlineData(ParameterType.Integer, "1.0")]
    [InlineData(ParameterType.Integer, "1__0")]
    [InlineData(ParameterType.Integer, "_1")]
    [InlineData(ParameterType.Integer, "1_")]
    [InlineData(ParameterType.Integer, "0x10")]
    [InlineData(ParameterType.Integer, "- 1")]
    [InlineData(ParameterType.Float, "abc")]
    [InlineData(ParameterType.Float, "1_.5")]
    [InlineData(ParameterType.Float, "1e")]
    [InlineData(ParameterType.Float, ".")]
    [InlineData(ParameterType.Float, "infinit")]
    [InlineData(ParameterType.Boolean, "yes")]
    [InlineData(ParameterType.Boolean, " true")]
    [InlineData(ParameterType.List, "{}")]
    [InlineData(ParameterType.List, "[1,]")]
    [InlineData(ParameterType.List, "[01]")]
    [InlineData(ParameterType.List, "[\"\\ud800\"]")]
    [InlineData(ParameterType.List, "[1] x")]
    [InlineData(ParameterType.Mapping, "{a: 1}")]
    [InlineData(ParameterType.Mapping, "{\"a\": \"\n\"}")]
    [InlineData(ParameterType.Mapping, "{\"a\"")]
    public void A_refusal_names_parameter_text_and_type(ParameterType type, string text)
    {
        var error = Assert.Throws<ParameterTextException>(() => ParameterText.Parse("eps", type, text));

        Assert.Contains("\"eps\"", error.Message, StringComparison.Ordinal);
        Assert.Contains($"\"{text}\"", error.Message, StringComparison.Ordinal);
        Assert.Contains(type.Name(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ParameterType.List, '[')]
    [InlineData(ParameterType.Integer, '9')]
    [InlineData(ParameterType.Float, '_')]
    public void A_huge_text_is_refused_shortly(ParameterType type, char character)
    {
        var error = Assert.Throws<ParameterTextException>(() =>
            ParameterText.Parse("p", type, new string(character, 1_000_000))
        );
        Assert.InRange(error.Message.Length, 1, 400);
    }
}
