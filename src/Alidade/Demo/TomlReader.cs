using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Alidade.Demo;

/// <summary>
/// Reads the part of TOML that resource manifests use: tables, arrays of tables, inline tables, arrays, strings on one
/// line, numbers, booleans. Anything else is an error that names its line.
/// </summary>
internal sealed class TomlReader
{
    private readonly string _text;
    private int _at;

    private TomlReader(string text) => _text = text.ReplaceLineEndings("\n");

    /// <exception cref="FormatException">Names the line and what was expected.</exception>
    public static JsonObject Read(string text) => new TomlReader(text).Document();

    private JsonObject Document()
    {
        var root = new JsonObject();
        var table = root;
        for (SkipBlank(); _at < _text.Length; SkipBlank())
        {
            if (_text[_at] == '[')
            {
                table = Header(root);
            }
            else
            {
                Assign(table);
            }

            SkipSpaces();
            if (_at < _text.Length && _text[_at] is not ('\n' or '#'))
            {
                throw Expected("the end of the line");
            }
        }

        return root;
    }

    /// <summary><c>[a.b]</c> or <c>[[a.b]]</c>; a name on the way that is an array means its last table.</summary>
    private JsonObject Header(JsonObject root)
    {
        Take('[');
        var isArray = TryTake('[');
        var path = Path();
        Take(']');
        if (isArray)
        {
            Take(']');
        }

        var table = path[..^1].Aggregate(root, Descend);
        if (!isArray)
        {
            return Descend(table, path[^1]);
        }

        if (table[path[^1]] is not JsonArray array)
        {
            table[path[^1]] = array = [];
        }

        var added = new JsonObject();
        array.Add(added);
        return added;
    }

    private JsonObject Descend(JsonObject table, string name)
    {
        switch (table[name])
        {
            case null:
                var added = new JsonObject();
                table[name] = added;
                return added;
            case JsonObject inner:
                return inner;
            case JsonArray { Count: > 0 } array when array[^1] is JsonObject last:
                return last;
            default:
                throw Error($"\"{name}\" is a value, not a table");
        }
    }

    private void Assign(JsonObject table)
    {
        var path = Path();
        Take('=');
        SkipSpaces();
        var target = path[..^1].Aggregate(table, Descend);
        if (!target.TryAdd(path[^1], Value()))
        {
            throw Error($"\"{path[^1]}\" is given twice");
        }
    }

    private List<string> Path()
    {
        var path = new List<string>();
        do
        {
            SkipSpaces();
            path.Add(Key());
            SkipSpaces();
        } while (TryTake('.'));
        return path;
    }

    private string Key()
    {
        if (_at < _text.Length && _text[_at] is '"' or '\'')
        {
            return QuotedText();
        }

        var bare = Bare(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
        return bare.Length > 0 ? bare : throw Expected("a name");
    }

    private JsonNode Value() =>
        _at >= _text.Length
            ? throw Expected("a value")
            : _text[_at] switch
            {
                '"' or '\'' => JsonValue.Create(QuotedText()),
                '[' => Array(),
                '{' => InlineTable(),
                _ => Scalar(),
            };

    private JsonArray Array()
    {
        var array = new JsonArray();
        Take('[');
        for (SkipBlank(); !TryTake(']'); SkipBlank())
        {
            array.Add(Value());
            SkipBlank();
            if (!TryTake(','))
            {
                Take(']');
                break;
            }
        }

        return array;
    }

    private JsonObject InlineTable()
    {
        var table = new JsonObject();
        Take('{');
        SkipSpaces();
        if (TryTake('}'))
        {
            return table;
        }

        do
        {
            Assign(table);
            SkipSpaces();
        } while (TryTake(','));
        Take('}');
        return table;
    }

    private JsonValue Scalar()
    {
        var word = Bare(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '+' or '.').Replace("_", "");
        return word switch
        {
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ when long.TryParse(word, CultureInfo.InvariantCulture, out var integer) => JsonValue.Create(integer),
            _ when double.TryParse(word, CultureInfo.InvariantCulture, out var real) => JsonValue.Create(real),
            _ => throw Expected("a string in quotes, a number, true, false, [ or {"),
        };
    }

    private string QuotedText()
    {
        var quote = _text[_at++];
        var text = new StringBuilder();
        while (_at < _text.Length && _text[_at] is not '\n')
        {
            var c = _text[_at++];
            if (c == quote)
            {
                return text.ToString();
            }

            text.Append(c == '\\' && quote == '"' ? Escaped() : c.ToString());
        }

        throw Expected($"a closing {quote}");
    }

    private string Escaped()
    {
        var c = _at < _text.Length ? _text[_at++] : '\0';
        return c switch
        {
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            '"' => "\"",
            '\\' => "\\",
            'u' => CodePoint(4),
            'U' => CodePoint(8),
            _ => throw Error($"\\{c} is no escape"),
        };
    }

    private string CodePoint(int digits)
    {
        if (
            _at + digits <= _text.Length
            && int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, null, out var point)
            && Rune.IsValid(point)
        )
        {
            _at += digits;
            return new Rune(point).ToString();
        }

        throw Expected($"{digits} hexadecimal digits of a character");
    }

    private string Bare(Func<char, bool> belongs)
    {
        var start = _at;
        while (_at < _text.Length && belongs(_text[_at]))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private void SkipSpaces()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t')
        {
            _at++;
        }
    }

    /// <summary>Spaces, ends of lines and comments.</summary>
    private void SkipBlank()
    {
        for (; _at < _text.Length && _text[_at] is ' ' or '\t' or '\n' or '#'; _at++)
        {
            if (_text[_at] == '#')
            {
                var end = _text.IndexOf('\n', _at);
                _at = (end < 0 ? _text.Length : end) - 1;
            }
        }
    }

    private bool TryTake(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Take(char c)
    {
        if (!TryTake(c))
        {
            throw Expected($"{c}");
        }
    }

    private FormatException Expected(string what) =>
        Error(
            _at >= _text.Length || _text[_at] == '\n'
                ? $"expected {what} before the end of the line"
                : $"expected {what} and found \"{_text[_at]}\""
        );

    private FormatException Error(string what) =>
        new($"line {_text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n') + 1}: {what}");
}
