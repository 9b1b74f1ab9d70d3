using Alidade.Engine.Issues;

namespace Alidade.Engine.Types;

/// <summary>A type as it was written, before the names in it are looked up.</summary>
internal abstract record TypeExpression
{
    /// <summary>The types it is built from.</summary>
    public abstract IEnumerable<TypeExpression> Parts { get; }

    /// <summary>Every name in it, in the order written.</summary>
    public IEnumerable<TypeName> Names => this is TypeName name ? [name] : Parts.SelectMany(part => part.Names);
}

internal sealed record TypeName(string Name, Place Place) : TypeExpression
{
    public override IEnumerable<TypeExpression> Parts => [];
}

/// <summary><c>null</c> in a definition: a type that is only its name.</summary>
internal sealed record NominalExpression : TypeExpression
{
    public override IEnumerable<TypeExpression> Parts => [];
}

internal sealed record SubtypeExpression(TypeExpression Parent) : TypeExpression
{
    public override IEnumerable<TypeExpression> Parts => [Parent];
}

internal sealed record ListExpression(TypeExpression Item) : TypeExpression
{
    public override IEnumerable<TypeExpression> Parts => [Item];
}

internal sealed record TupleExpression(IReadOnlyList<TypeExpression> Items) : TypeExpression
{
    public override IEnumerable<TypeExpression> Parts => Items;
}

internal sealed record MappingExpression(TypeExpression Key, TypeExpression Value) : TypeExpression
{
    public override IEnumerable<TypeExpression> Parts => [Key, Value];
}

internal sealed record RecordExpression(IReadOnlyDictionary<string, TypeExpression> Properties) : TypeExpression
{
    public override IEnumerable<TypeExpression> Parts => Properties.Values;
}

internal sealed record UnionExpression(IReadOnlyList<TypeExpression> Members) : TypeExpression
{
    public override IEnumerable<TypeExpression> Parts => Members;
}
