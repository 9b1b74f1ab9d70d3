namespace Alidade.Engine.Types;

/// <summary>
/// Whether a value of one type may be given where another is expected. Answers are kept, so that types built from
/// each other many times over cost no more than their number.
/// </summary>
internal sealed class Compatibility
{
    private readonly Dictionary<(EngineType, EngineType), bool> _answers = new(new ByIdentity());

    public bool Fits(EngineType given, EngineType expected)
    {
        if (!_answers.TryGetValue((given, expected), out var answer))
        {
            _answers[(given, expected)] = answer = Decide(given, expected);
        }
        return answer;
    }

    private bool Decide(EngineType given, EngineType expected)
    {
        if (given is UnknownType || expected is UnknownType || expected.Equals(BuiltinTypes.Any))
        {
            return true;
        }
        if (given.Equals(expected))
        {
            return true;
        }
        return (given, expected) switch
        {
            (UnionType union, _) => union.Members.All(member => Fits(member, expected)),
            (_, UnionType union) => union.Members.Any(member => Fits(given, member)),
            (SimpleType simple, SimpleType) => Ancestors(simple).Any(expected.Equals),
            (SimpleType, _) or (_, SimpleType) => false,
            ({ Name: not null }, { Name: not null }) => false,
            (TupleType tuple, ListType list) => tuple.Items.All(item => Fits(item, list.Item)),
            (ListType list, ListType other) => Fits(list.Item, other.Item),
            (TupleType tuple, TupleType other) => tuple.Items.Count == other.Items.Count
                && tuple.Items.Zip(other.Items).All(pair => Fits(pair.First, pair.Second)),
            (RecordType record, RecordType other) => record.Properties.Count == other.Properties.Count
                && record.Properties.All(own =>
                    other.Properties.TryGetValue(own.Key, out var property) && Fits(own.Value, property)
                ),
            (RecordType record, MappingType mapping) => mapping.Key.Equals(BuiltinTypes.Text)
                && record.Properties.Values.All(value => Fits(value, mapping.Value)),
            (MappingType mapping, MappingType other) => mapping.Key.Equals(other.Key)
                && Fits(mapping.Value, other.Value),
            _ => false,
        };
    }

    private static IEnumerable<SimpleType> Ancestors(SimpleType type)
    {
        for (var parent = type.Parent; parent is not null; parent = parent.Parent)
        {
            yield return parent;
        }
    }

    private sealed class ByIdentity : IEqualityComparer<(EngineType, EngineType)>
    {
        public bool Equals((EngineType, EngineType) one, (EngineType, EngineType) other) =>
            ReferenceEquals(one.Item1, other.Item1) && ReferenceEquals(one.Item2, other.Item2);

        public int GetHashCode((EngineType, EngineType) pair) =>
            HashCode.Combine(
                System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.Item1),
                System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.Item2)
            );
    }
}
