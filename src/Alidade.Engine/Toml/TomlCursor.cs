using System.Text.RegularExpressions;
using Alidade.Engine.Issues;

namespace Alidade.Engine.Toml;

/// <summary>A place in a text that moves forward, and the errors that name it.</summary>
internal sealed partial class TomlCursor
{
    private readonly string _document;
    private readonly string _text;
    private int _at;
    private int _line = 1;
    private int _counted;
    private int _lineStart;

    /// <exception cref="TomlException">The text holds a character that no TOML may hold.</exception>
    public TomlCursor(string text, string document)
    {
        _document = document;
        _text = (text.StartsWith('\uFEFF') ? text[1..] : text).Replace("\r\n", "\n", StringComparison.Ordinal);
        if (Forbidden().Match(_text) is { Success: true } found)
        {
            _at = found.Index;
            throw Error($"the character U+{(int)found.Value[0]:X4} may not stand in TOML; write it as an escape");
        }
    }

    /// <summary>The next character, or <c>'\0'</c> at the end: no text holds that one.</summary>
    public char Next => _at < _text.Length ? _text[_at] : '\0';

    public bool IsAtEnd => _at >= _text.Length;

    /// <summary>Where the cursor is. Lines are counted once, as it moves.</summary>
    public Place Place
    {
        get
        {
            for (; _counted < _at; _counted++)
            {
                if (_text[_counted] == '\n')
                {
                    _line++;
                    _lineStart = _counted + 1;
                }
            }

            return new Place(_document, _line, _at - _lineStart + 1);
        }
    }

    public char Take() => _text[_at++];

    public bool TryTake(string expected)
    {
        if (string.CompareOrdinal(_text, _at, expected, 0, expected.Length) != 0)
        {
            return false;
        }

        _at += expected.Length;
        return true;
    }

    public void Require(string expected)
    {
        if (!TryTake(expected))
        {
            throw Expected(expected);
        }
    }

    /// <summary>Takes what a pattern that begins with <c>\G</c> matches here; null when it does not.</summary>
    public string? TryTake(Regex pattern)
    {
        var match = pattern.Match(_text, _at);
        if (!match.Success)
        {
            return null;
        }

        _at += match.Length;
        return match.Value;
    }

    public void SkipSpaces()
    {
        while (Next is ' ' or '\t')
        {
            _at++;
        }
    }

    /// <summary>Spaces, ends of lines and comments.</summary>
    public void SkipBlank()
    {
        for (SkipSpaces(); Next is '\n' or '#'; SkipSpaces())
        {
            SkipComment();
            TryTake("\n");
        }
    }

    public void RequireEndOfLine()
    {
        SkipSpaces();
        SkipComment();
        if (!IsAtEnd && !TryTake("\n"))
        {
            throw Expected("the end of the line");
        }
    }

    public TomlException Expected(string what) =>
        Error(
            Next is '\n' or '\0'
                ? $"expected {what} before the end of the line"
                : $"expected {what} and found \"{Next}\""
        );

    public TomlException Error(string reason) => Error(Place, reason);

    public static TomlException Error(Place place, string reason) =>
        new(place.Line!.Value, place.Column!.Value, reason);

    private void SkipComment()
    {
        if (Next == '#')
        {
            var end = _text.IndexOf('\n', _at);
            _at = end < 0 ? _text.Length : end;
        }
    }

    [GeneratedRegex(@"[\x00-\x08\x0B-\x1F\x7F]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]")]
    private static partial Regex Forbidden();
}
