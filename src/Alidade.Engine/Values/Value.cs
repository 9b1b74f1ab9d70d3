using System.Numerics;

namespace Alidade.Engine.Values;

/// <summary>
/// What user code is given and gives back, as Python knows it: integers without bound are not floats, a mapping keeps
/// the order of its keys, and keys need not be text.
/// </summary>
public abstract record Value
{
    private protected Value() { }

    public static Value Null { get; } = new NullValue();

    public static Value Of(bool flag) => new BooleanValue(flag);

    public static Value Of(BigInteger number) => new IntegerValue(number);

    public static Value Of(long number) => new IntegerValue(number);

    public static Value Of(double number) => new FloatValue(number);

    public static Value Of(string text) => new StringValue(text);
}

public sealed record NullValue : Value;

public sealed record BooleanValue(bool Flag) : Value;

public sealed record IntegerValue(BigInteger Number) : Value;

public sealed record FloatValue(double Number) : Value;

public sealed record StringValue(string Text) : Value;

/// <summary>Stands for a value that exists only while the job runs.</summary>
public sealed record ReferenceValue(Reference Target) : Value;

public sealed record ListValue(IReadOnlyList<Value> Items) : Value
{
    public bool Equals(ListValue? other) => other is not null && Items.SequenceEqual(other.Items);

    public override int GetHashCode() => Items.Count;
}

/// <summary>A mapping in the order of its keys; keys are distinct as Python tells them apart.</summary>
public sealed record MapValue(IReadOnlyList<KeyValuePair<Value, Value>> Entries) : Value
{
    public bool Equals(MapValue? other) => other is not null && Entries.SequenceEqual(other.Entries);

    public override int GetHashCode() => Entries.Count;
}
