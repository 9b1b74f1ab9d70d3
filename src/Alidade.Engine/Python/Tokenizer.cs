using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Alidade.Engine.Python;

/// <summary>Cuts Python source into tokens, with indentation and the joining of lines in brackets.</summary>
internal sealed partial class Tokenizer
{
    private const int TabSize = 8;

    private static readonly string[] Operators =
    [
        "**=",
        "//=",
        ">>=",
        "<<=",
        "...",
        "**",
        "//",
        ">>",
        "<<",
        "<=",
        ">=",
        "==",
        "!=",
        "->",
        "+=",
        "-=",
        "*=",
        "/=",
        "%=",
        "&=",
        "|=",
        "^=",
        "@=",
        ":=",
        "+",
        "-",
        "*",
        "/",
        "%",
        "@",
        "&",
        "|",
        "^",
        "~",
        "<",
        ">",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ".",
        ";",
        "=",
    ];

    private readonly SourceText _source;
    private readonly StringScanner _strings;
    private readonly List<Token> _tokens = [];
    private readonly Brackets _brackets;
    private readonly Indentation _blocks;
    private int _at;

    private Tokenizer(SourceText source)
    {
        _source = source;
        _strings = new StringScanner(source);
        _brackets = new Brackets(source);
        _blocks = new Indentation(source);
    }

    /// <exception cref="PythonSyntaxException">It cannot be cut into tokens.</exception>
    public static IReadOnlyList<Token> Read(SourceText source)
    {
        var tokenizer = new Tokenizer(source);
        tokenizer.ReadAll();
        return tokenizer._tokens;
    }

    private void ReadAll()
    {
        while (_at < _source.Text.Length)
        {
            if (_brackets.AreClosed && IsAtLineStart)
            {
                ReadIndentation();
            }
            ReadToken();
        }
        _brackets.RequireClosed();
        if (_tokens.Count > 0 && _tokens[^1].Kind is not (TokenKind.NewLine or TokenKind.Dedent))
        {
            Add(TokenKind.NewLine, 0);
        }
        foreach (var end in _blocks.Change(0, 0, _at))
        {
            Add(end, 0);
        }
        Add(TokenKind.End, 0);
    }

    private bool IsAtLineStart => _tokens.Count == 0 || _tokens[^1].Kind == TokenKind.NewLine;

    /// <summary>Skips blank lines and comments, then compares the indentation with that of the lines before.</summary>
    private void ReadIndentation()
    {
        var (width, characters) = (0, 0);
        for (; ; _at++)
        {
            switch (_source[_at])
            {
                case ' ':
                    (width, characters) = (width + 1, characters + 1);
                    continue;
                case '\t':
                    (width, characters) = ((width / TabSize * TabSize) + TabSize, characters + 1);
                    continue;
                case '\f' or '\n':
                    (width, characters) = (0, 0);
                    continue;
                case '#':
                    SkipComment();
                    _at--;
                    continue;
            }
            break;
        }
        if (_at < _source.Text.Length)
        {
            foreach (var change in _blocks.Change(width, characters, _at))
            {
                Add(change, 0);
            }
        }
    }

    private void ReadToken()
    {
        var character = _source[_at];
        if (_at >= _source.Text.Length)
        {
            return;
        }
        if (character is ' ' or '\t' or '\f')
        {
            _at++;
        }
        else if (character == '#')
        {
            SkipComment();
        }
        else if (character == '\n')
        {
            ReadNewLine();
        }
        else if (character == '\\')
        {
            _at += _source[_at + 1] == '\n' ? 2 : throw _source.Error("only a line end may follow this backslash", _at);
        }
        else if (_strings.Match(_at) is { } length)
        {
            Add(TokenKind.Text, length);
        }
        else if (char.IsAsciiDigit(character) || (character == '.' && char.IsAsciiDigit(_source[_at + 1])))
        {
            ReadNumber();
        }
        else if (NameLength() is > 0 and var nameLength)
        {
            Add(TokenKind.Name, nameLength);
        }
        else
        {
            ReadOperator();
        }
    }

    private void ReadNewLine()
    {
        if (_brackets.AreClosed && !IsAtLineStart)
        {
            Add(TokenKind.NewLine, 1);
        }
        else
        {
            _at++;
        }
    }

    private void SkipComment()
    {
        var length = _source.Text.AsSpan(_at).IndexOf('\n');
        _at = length < 0 ? _source.Text.Length : _at + length;
    }

    private void ReadNumber()
    {
        var match = Number().Match(_source.Text, _at);
        var end = _at + match.Length;
        if (char.IsAsciiLetterOrDigit(_source[end]) || _source[end] == '_')
        {
            var word = Word().Match(_source.Text, end).Value;
            if (word is not ("and" or "else" or "for" or "if" or "in" or "is" or "not" or "or"))
            {
                throw _source.Error("this is not a number", _at);
            }
        }
        Add(TokenKind.Number, match.Length);
    }

    private int NameLength()
    {
        var length = 0;
        foreach (var rune in _source.Text.AsSpan(_at).EnumerateRunes())
        {
            if (!IsOfName(rune, isFirst: length == 0))
            {
                break;
            }
            length += rune.Utf16SequenceLength;
        }
        return length;
    }

    private static bool IsOfName(Rune rune, bool isFirst) =>
        rune.Value == '_'
        || Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber => true,
            UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.DecimalDigitNumber
            or UnicodeCategory.ConnectorPunctuation => !isFirst,
            _ => false,
        };

    private void ReadOperator()
    {
        var found = Array.Find(Operators, text => _source.HasAt(_at, text));
        switch (found)
        {
            case null:
                throw _source.Error($"the character \"{_source[_at]}\" does not belong here", _at);
            case "(" or "[" or "{":
                _brackets.Open(found[0], _at);
                break;
            case ")" or "]" or "}":
                _brackets.Close(found[0], _at);
                break;
        }
        Add(TokenKind.Operator, found.Length);
    }

    private void Add(TokenKind kind, int length)
    {
        _tokens.Add(new(kind, _source.Text.Substring(_at, length), _at, _at + length));
        _at += length;
    }

    [GeneratedRegex(
        @"\G(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
            + @"|(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9](?:_?[0-9])*)?[jJ]?"
            + @"|[0-9](?:_?[0-9])*\.(?:[eE][+-]?[0-9](?:_?[0-9])*)?[jJ]?"
            + @"|[0-9](?:_?[0-9])*[eE][+-]?[0-9](?:_?[0-9])*[jJ]?|[0-9](?:_?[0-9])*[jJ]|0(?:_?0)*(?![0-9])|[1-9](?:_?[0-9])*)"
    )]
    private static partial Regex Number();

    [GeneratedRegex(@"\G\w+")]
    private static partial Regex Word();
}
