using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Alidade.Engine.Values;

/// <summary>
/// JSON as Python's <c>json.loads</c> reads it, for texts that people type: with <c>NaN</c> and <c>Infinity</c>,
/// integers apart from floats, and the last of equal keys.
/// </summary>
public ref partial struct PythonJson
{
    private const int MaxDepth = 64;
    private readonly string _text;
    private int _at;
    private int _depth;

    private PythonJson(string text) => _text = text;

    /// <exception cref="FormatException">Says what is wrong and at which character, from 1.</exception>
    public static Value Parse(string text)
    {
        var reader = new PythonJson(text);
        var value = reader.ReadValue();
        reader.SkipBlanks();
        return reader._at == text.Length ? value : throw reader.Wrong("nothing should follow the value");
    }

    private Value ReadValue()
    {
        SkipBlanks();
        return Peek() switch
        {
            '{' => ReadObject(),
            '[' => ReadArray(),
            '"' => Value.Of(ReadString()),
            _ => ReadWord(),
        };
    }

    private MapValue ReadObject()
    {
        var map = new MapBuilder<Value>();
        Enter();
        if (!Take('}'))
        {
            do
            {
                SkipBlanks();
                var key = Peek() == '"' ? ReadString() : throw Wrong("a name in double quotes is expected");
                if (!Take(':'))
                {
                    throw Wrong("a colon is expected after a name");
                }
                map.Set(Value.Of(key), ReadValue());
            } while (Take(','));
            if (!Take('}'))
            {
                throw Wrong("a comma or } is expected");
            }
        }
        _depth--;
        return new MapValue(map.Entries);
    }

    private ListValue ReadArray()
    {
        var items = new List<Value>();
        Enter();
        if (!Take(']'))
        {
            do
            {
                items.Add(ReadValue());
            } while (Take(','));
            if (!Take(']'))
            {
                throw Wrong("a comma or ] is expected");
            }
        }
        _depth--;
        return new ListValue(items);
    }

    private string ReadString()
    {
        var result = new StringBuilder();
        for (_at++; Peek() != '"'; )
        {
            var character = Peek();
            if (character < ' ')
            {
                throw Wrong(
                    _at < _text.Length ? "a control character must be written as \\u00XX" : "a quote is missing"
                );
            }
            _at++;
            result.Append(character == '\\' ? ReadEscape() : character);
        }
        _at++;
        var text = result.ToString();
        return UnicodeText.IsWellFormed(text) ? text : throw Wrong("half of a surrogate pair is no character");
    }

    private char ReadEscape()
    {
        var character = Peek();
        _at++;
        switch (character)
        {
            case '"' or '\\' or '/':
                return character;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u'
                when _at + 4 <= _text.Length
                    && ushort.TryParse(
                        _text.AsSpan(_at, 4),
                        NumberStyles.AllowHexSpecifier,
                        CultureInfo.InvariantCulture,
                        out var code
                    ):
                _at += 4;
                return (char)code;
            default:
                _at--;
                throw Wrong("after a backslash one of \" \\ / b f n r t uXXXX is expected");
        }
    }

    private Value ReadWord()
    {
        var match = Word().Match(_text, _at);
        if (!match.Success)
        {
            throw Wrong(_at < _text.Length ? "a value is expected" : "the text ends before the value is complete");
        }
        _at += match.Length;
        return match.Value switch
        {
            "null" => Value.Null,
            "true" => Value.Of(true),
            "false" => Value.Of(false),
            "NaN" => Value.Of(double.NaN),
            "Infinity" => Value.Of(double.PositiveInfinity),
            "-Infinity" => Value.Of(double.NegativeInfinity),
            var number when match.Groups["real"].Length > 0 => Value.Of(
                double.Parse(number, CultureInfo.InvariantCulture)
            ),
            { Length: > PythonNumbers.MaxDigits } => throw Wrong(
                $"an integer may have {PythonNumbers.MaxDigits} digits at most"
            ),
            var number => Value.Of(BigInteger.Parse(number, CultureInfo.InvariantCulture)),
        };
    }

    private readonly char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private void SkipBlanks()
    {
        while (Peek() is ' ' or '\t' or '\n' or '\r')
        {
            _at++;
        }
    }

    private bool Take(char character)
    {
        SkipBlanks();
        var taken = Peek() == character;
        _at += taken ? 1 : 0;
        return taken;
    }

    private void Enter()
    {
        _at++;
        if (++_depth > MaxDepth)
        {
            throw Wrong($"lists and objects may be nested {MaxDepth} deep at most");
        }
    }

    private readonly FormatException Wrong(string reason) => new($"{reason} (at character {_at + 1})");

    [GeneratedRegex(
        @"\G(?:null|true|false|NaN|-?Infinity|-?(?:0|[1-9][0-9]*)(?<real>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))"
    )]
    private static partial Regex Word();
}
