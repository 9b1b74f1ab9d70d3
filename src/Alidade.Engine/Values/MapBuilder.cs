using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Alidade.Engine.Values;

/// <summary>
/// An ordered mapping as a Python dict is: setting a key again changes its value and keeps its place, and
/// <c>1</c>, <c>1.0</c> and <c>true</c> are one key.
/// </summary>
public sealed class MapBuilder<T>
{
    private readonly List<KeyValuePair<Value, T>> _entries = [];
    private readonly Dictionary<object, int> _places = [];

    public IReadOnlyList<KeyValuePair<Value, T>> Entries => _entries;

    /// <summary>True when the key is new.</summary>
    public bool Set(Value key, T value)
    {
        var identity = Identity(key);
        if (_places.TryGetValue(identity, out var place))
        {
            _entries[place] = new(_entries[place].Key, value);
            return false;
        }
        _places[identity] = _entries.Count;
        _entries.Add(new(key, value));
        return true;
    }

    public bool TryGet(Value key, [MaybeNullWhen(false)] out T value)
    {
        var found = _places.TryGetValue(Identity(key), out var place);
        value = found ? _entries[place].Value : default;
        return found;
    }

    private static object Identity(Value key) =>
        key switch
        {
            BooleanValue flag => flag.Flag ? BigInteger.One : BigInteger.Zero,
            IntegerValue integer => integer.Number,
            FloatValue real when double.IsInteger(real.Number) => new BigInteger(real.Number),
            _ => key,
        };
}
