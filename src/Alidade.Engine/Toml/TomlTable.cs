using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Toml;

/// <summary>Who has made a table decides what may still be added to it.</summary>
internal enum TableOrigin
{
    /// <summary>The way to a header: <c>a</c> in <c>[a.b]</c>; its own header may follow.</summary>
    Implied,

    /// <summary>A header; it stands once.</summary>
    Header,

    /// <summary>The way to a value: <c>a</c> in <c>a.b = 1</c>; more such values may follow.</summary>
    Dotted,

    /// <summary>Braces; complete as written.</summary>
    Inline,
}

/// <summary>A table while it grows.</summary>
internal sealed class TomlTable(TableOrigin origin, Place place)
{
    private readonly List<(string Key, Place Place)> _order = [];
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    public TableOrigin Origin { get; private set; } = origin;

    /// <summary>A <see cref="TomlTable"/>, a <see cref="TomlTables"/> or a <see cref="Node"/>; null when there is none.</summary>
    public object? this[string key] => _values.GetValueOrDefault(key);

    public void Add(string key, Place at, object value)
    {
        if (!_values.TryAdd(key, value))
        {
            throw TomlCursor.Error(at, $"\"{key}\" is given twice");
        }

        _order.Add((key, at));
    }

    /// <summary>The table that a header <c>[key]</c> opens.</summary>
    public TomlTable Open(string key, Place at)
    {
        if (this[key] is TomlTable { Origin: TableOrigin.Implied } implied)
        {
            implied.Origin = TableOrigin.Header;
            return implied;
        }

        var table = new TomlTable(TableOrigin.Header, at);
        Add(key, at, table);
        return table;
    }

    /// <summary>The table that a header <c>[[key]]</c> adds.</summary>
    public TomlTable Append(string key, Place at)
    {
        if (this[key] is not TomlTables tables)
        {
            tables = new TomlTables(at);
            Add(key, at, tables);
        }

        var table = new TomlTable(TableOrigin.Header, at);
        tables.Items.Add(table);
        return table;
    }

    /// <summary>The table a header passes through; of an array of tables its last.</summary>
    public TomlTable Through(string key, Place at) =>
        this[key] switch
        {
            null => Make(TableOrigin.Implied, key, at),
            TomlTables tables => tables.Items[^1],
            TomlTable { Origin: not TableOrigin.Inline } table => table,
            TomlTable => throw TomlCursor.Error(at, $"\"{key}\" is complete as written in its braces"),
            _ => throw TomlCursor.Error(at, $"\"{key}\" is a value, not a table"),
        };

    /// <summary>The table a dotted key passes through.</summary>
    public TomlTable Into(string key, Place at) =>
        this[key] switch
        {
            null => Make(TableOrigin.Dotted, key, at),
            TomlTable { Origin: TableOrigin.Dotted } table => table,
            TomlTable or TomlTables => throw TomlCursor.Error(
                at,
                $"\"{key}\" is defined elsewhere and may not be added to"
            ),
            _ => throw TomlCursor.Error(at, $"\"{key}\" is a value, not a table"),
        };

    public MappingNode ToNode() =>
        new(
            place,
            [.. _order.Select(e => new MappingEntry(new ScalarNode(e.Place, Value.Of(e.Key)), ToNode(_values[e.Key])))]
        );

    private static Node ToNode(object value) =>
        value switch
        {
            TomlTable table => table.ToNode(),
            TomlTables tables => new SequenceNode(tables.Place, [.. tables.Items.Select(table => table.ToNode())]),
            _ => (Node)value,
        };

    private TomlTable Make(TableOrigin origin, string key, Place at)
    {
        var table = new TomlTable(origin, at);
        Add(key, at, table);
        return table;
    }
}

/// <summary>An array that headers <c>[[key]]</c> fill; never empty.</summary>
internal sealed class TomlTables(Place place)
{
    public Place Place { get; } = place;

    public List<TomlTable> Items { get; } = [];
}
