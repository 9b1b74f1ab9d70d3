using System.Text.RegularExpressions;
using Alidade.Engine.Issues;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Toml;

/// <summary>Reads TOML 1.1, keeping places and order. Times become the texts they are written as.</summary>
public sealed partial class TomlReader
{
    /// <summary>Arrays and inline tables within each other.</summary>
    private const int Deepest = 64;

    /// <summary>Characters of a document.</summary>
    private const int Longest = 1 << 20;

    private readonly TomlCursor _cursor;
    private int _depth;

    private TomlReader(string text, string document) => _cursor = new TomlCursor(text, document);

    /// <param name="document">What the places say it is: its file name.</param>
    /// <exception cref="TomlException">Names the line and what was expected there.</exception>
    public static MappingNode Read(string text, string document) =>
        text.Length > Longest
            ? throw new TomlException(1, 1, $"the text is longer than {Longest} characters")
            : new TomlReader(text, document).Document().ToNode();

    private TomlTable Document()
    {
        var root = new TomlTable(TableOrigin.Header, _cursor.Place);
        var table = root;
        for (_cursor.SkipBlank(); !_cursor.IsAtEnd; _cursor.SkipBlank())
        {
            if (_cursor.Next == '[')
            {
                table = Header(root);
            }
            else
            {
                Assign(table);
            }

            _cursor.RequireEndOfLine();
        }

        return root;
    }

    /// <summary><c>[a.b]</c> or <c>[[a.b]]</c>.</summary>
    private TomlTable Header(TomlTable root)
    {
        var place = _cursor.Place;
        var isArray = _cursor.TryTake("[[");
        if (!isArray)
        {
            _cursor.Require("[");
        }

        var path = Path();
        _cursor.Require(isArray ? "]]" : "]");
        var table = path[..^1].Aggregate(root, (at, key) => at.Through(key, place));
        return isArray ? table.Append(path[^1], place) : table.Open(path[^1], place);
    }

    /// <summary><c>a.b = value</c>.</summary>
    private void Assign(TomlTable table)
    {
        var place = _cursor.Place;
        var path = Path();
        _cursor.Require("=");
        _cursor.SkipSpaces();
        var value = ReadValue();
        path[..^1].Aggregate(table, (at, key) => at.Into(key, place)).Add(path[^1], place, value);
    }

    private List<string> Path()
    {
        var path = new List<string>();
        do
        {
            _cursor.SkipSpaces();
            path.Add(Key());
            _cursor.SkipSpaces();
        } while (_cursor.TryTake("."));
        return path.Count <= Deepest ? path : throw _cursor.Error($"a name of more than {Deepest} parts");
    }

    private string Key() =>
        TomlStrings.BeginsAt(_cursor)
            ? TomlStrings.ReadLine(_cursor)
            : _cursor.TryTake(BareKey()) ?? throw _cursor.Expected("a name");

    /// <returns>A <see cref="Node"/>, or a <see cref="TomlTable"/> in braces.</returns>
    private object ReadValue()
    {
        var place = _cursor.Place;
        return _cursor.Next switch
        {
            '"' or '\'' => new ScalarNode(place, Values.Value.Of(TomlStrings.Read(_cursor))),
            '[' => Nested(() => Array(place)),
            '{' => Nested(() => InlineTable(place)),
            _ => new ScalarNode(place, TomlScalars.Read(_cursor)),
        };
    }

    private object Nested(Func<object> read)
    {
        if (++_depth > Deepest)
        {
            throw _cursor.Error($"nested deeper than {Deepest}");
        }

        var value = read();
        _depth--;
        return value;
    }

    private SequenceNode Array(Place place)
    {
        var items = new List<Node>();
        _cursor.Require("[");
        ReadItems(
            "]",
            () => items.Add(ReadValue() is var item && item is TomlTable table ? table.ToNode() : (Node)item)
        );
        return new SequenceNode(place, items);
    }

    private TomlTable InlineTable(Place place)
    {
        var table = new TomlTable(TableOrigin.Inline, place);
        _cursor.Require("{");
        ReadItems("}", () => Assign(table));
        return table;
    }

    /// <summary>Items with commas between them, over as many lines as one likes, up to the closing bracket.</summary>
    private void ReadItems(string close, Action read)
    {
        for (_cursor.SkipBlank(); !_cursor.TryTake(close); _cursor.SkipBlank())
        {
            read();
            _cursor.SkipBlank();
            if (!_cursor.TryTake(","))
            {
                _cursor.Require(close);
                return;
            }
        }
    }

    [GeneratedRegex(@"\G[A-Za-z0-9_-]+")]
    private static partial Regex BareKey();
}
