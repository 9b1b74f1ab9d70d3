using Alidade.Engine.Values;

namespace Alidade.Engine.Types;

/// <summary>The types every entrypoint knows. An integer is a number; a boolean is not.</summary>
internal static class BuiltinTypes
{
    public static readonly SimpleType Any = new("any");
    public static readonly SimpleType Null = new("null");
    public static readonly SimpleType Text = new("string");
    public static readonly SimpleType Boolean = new("boolean");
    public static readonly SimpleType Number = new("number");
    public static readonly SimpleType Integer = new("integer", Number);

    public static readonly IReadOnlyDictionary<string, EngineType> ByName = new EngineType[]
    {
        Any,
        Text,
        Integer,
        Number,
        Boolean,
        Null,
    }.ToDictionary(type => type.Name!);

    /// <summary>The type of a value that has no parts.</summary>
    public static EngineType Of(Value scalar) =>
        scalar switch
        {
            NullValue => Null,
            BooleanValue => Boolean,
            IntegerValue => Integer,
            FloatValue => Number,
            StringValue => Text,
            _ => Any,
        };
}
