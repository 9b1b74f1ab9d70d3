using System.Numerics;
using Alidade.Engine.Values;
using FsCheck;
using FsCheck.Fluent;

namespace Alidade.Engine.Tests.Values;

public sealed class ValueJsonTests
{
    [Fact]
    public void Every_value_comes_back_equal_and_to_the_same_bytes() =>
        Prop.ForAll(
                AnyValue.Arbitrary,
                value =>
                {
                    var text = ValueJson.ToText(value);
                    var back = ValueJson.Parse(text);
                    return back.Equals(value) && ValueJson.ToText(back) == text;
                }
            )
            .QuickCheckThrowOnFailure();

    public static TheoryData<Value, string> Forms() =>
        new()
        {
            { Value.Of(double.NaN), """{"$":"float","v":"nan"}""" },
            { Value.Of(double.NegativeInfinity), """{"$":"float","v":"-inf"}""" },
            { Value.Of(1.0), "1.0" },
            { Value.Of(-0.0), "-0.0" },
            { Value.Of(1e22), "1e+22" },
            { Value.Of(BigInteger.Pow(2, 53)), "9007199254740992" },
            { Value.Of(BigInteger.Pow(2, 53) + 1), """{"$":"int","v":"9007199254740993"}""" },
            { Value.Of("<é \"a\">"), "\"<é \\\"a\\\">\"" },
            { new MapValue([new(Value.Of(1), Value.Null)]), """{"$":"map","v":[[1,null]]}""" },
            { new MapValue([new(Value.Of("$"), Value.Of("float"))]), """{"$":"map","v":[["$","float"]]}""" },
            {
                new ReferenceValue(new StepReference("train", "model")),
                """{"$":"ref","v":{"step":"train","output":"model"}}"""
            },
            { new ReferenceValue(new ParameterReference("eps")), """{"$":"ref","v":{"parameter":"eps"}}""" },
            { new ReferenceValue(new ArtifactReference("model", null)), """{"$":"ref","v":{"artifact":"model"}}""" },
        };

    [Theory]
    [MemberData(nameof(Forms), DisableDiscoveryEnumeration = true)]
    public void Is_written_as_the_attempt_folder_says(Value value, string json) =>
        Assert.Equal(json, ValueJson.ToText(value));

    [Theory]
    [InlineData("""{"$":"float","v":1}""")]
    [InlineData("""{"$":"map","v":[[1]]}""")]
    [InlineData("""{"$":"ref","v":{}}""")]
    [InlineData("""{"$":1}""")]
    [InlineData("{")]
    public void A_misused_escape_is_an_error(string json) =>
        Assert.Throws<FormatException>(() => ValueJson.Parse(json));
}
