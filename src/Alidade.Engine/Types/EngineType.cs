namespace Alidade.Engine.Types;

/// <summary>
/// What a task accepts or gives. A named structure or union is equal to itself only; one without a name is equal to
/// any built alike.
/// </summary>
internal abstract class EngineType(string? name) : IEquatable<EngineType>
{
    public string? Name { get; } = name;

    public bool Equals(EngineType? other) =>
        other is not null
        && (
            ReferenceEquals(this, other)
            || (
                Name is null && other.Name is null
                    ? GetType() == other.GetType() && IsBuiltAs(other)
                    : Name == other.Name
            )
        );

    public sealed override bool Equals(object? other) => Equals(other as EngineType);

    public sealed override int GetHashCode() =>
        Name is null ? GetType().GetHashCode() : string.GetHashCode(Name, StringComparison.Ordinal);

    /// <summary>As messages show it: the name where there is one, else how it is built.</summary>
    public sealed override string ToString() => Name ?? Structure;

    /// <summary>How it is built; a simple type's name.</summary>
    public abstract string Structure { get; }

    protected abstract bool IsBuiltAs(EngineType other);

    protected static string Join(IEnumerable<EngineType> types) => string.Join(", ", types);
}

/// <summary>A type that is only a name, perhaps below another one.</summary>
internal sealed class SimpleType(string name, SimpleType? parent = null) : EngineType(name)
{
    public SimpleType? Parent { get; } = parent;

    public override string Structure => Name!;

    protected override bool IsBuiltAs(EngineType other) => false;
}

/// <summary>Stands where a type could not be found out, so that one mistake is not reported again and again.</summary>
internal sealed class UnknownType : EngineType
{
    public static readonly UnknownType Instance = new();

    private UnknownType()
        : base(null) { }

    public override string Structure => "?";

    protected override bool IsBuiltAs(EngineType other) => true;
}

internal sealed class ListType(string? name, EngineType item) : EngineType(name)
{
    public EngineType Item { get; } = item;

    public override string Structure => $"list[{Item}]";

    protected override bool IsBuiltAs(EngineType other) => Item.Equals(((ListType)other).Item);
}

internal sealed class TupleType(string? name, IReadOnlyList<EngineType> items) : EngineType(name)
{
    public IReadOnlyList<EngineType> Items { get; } = items;

    public override string Structure => $"tuple[{Join(Items)}]";

    protected override bool IsBuiltAs(EngineType other) => Items.SequenceEqual(((TupleType)other).Items);
}

/// <summary>A mapping with keys of one type, string or integer, and values of one type.</summary>
internal sealed class MappingType(string? name, EngineType key, EngineType value) : EngineType(name)
{
    public EngineType Key { get; } = key;

    public EngineType Value { get; } = value;

    public override string Structure => $"mapping[{Key}, {Value}]";

    protected override bool IsBuiltAs(EngineType other) =>
        other is MappingType mapping && Key.Equals(mapping.Key) && Value.Equals(mapping.Value);
}

/// <summary>A mapping with exactly these keys, each with its own type.</summary>
internal sealed class RecordType(string? name, IReadOnlyDictionary<string, EngineType> properties) : EngineType(name)
{
    public IReadOnlyDictionary<string, EngineType> Properties { get; } = properties;

    public override string Structure =>
        $"mapping[{{{string.Join(", ", Properties.Select(property => $"{property.Key}: {property.Value}"))}}}]";

    protected override bool IsBuiltAs(EngineType other) =>
        other is RecordType record
        && Properties.Count == record.Properties.Count
        && Properties.All(own =>
            record.Properties.TryGetValue(own.Key, out var property) && own.Value.Equals(property)
        );
}

internal sealed class UnionType(string? name, IReadOnlyList<EngineType> members) : EngineType(name)
{
    public IReadOnlyList<EngineType> Members { get; } = members;

    public override string Structure => $"union[{Join(Members)}]";

    protected override bool IsBuiltAs(EngineType other) =>
        other is UnionType union && Members.All(union.Members.Contains) && union.Members.All(Members.Contains);
}
