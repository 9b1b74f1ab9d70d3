namespace Alidade.Engine.Python;

/// <summary>Walks over tokens; a token that does not fit is a syntax error where it stands.</summary>
internal sealed class TokenReader(SourceText source, IReadOnlyList<Token> tokens)
{
    private static readonly HashSet<string> Keywords =
    [
        .. "False None True and as assert async await break class continue def del elif else except finally for from".Split(
            ' '
        ),
        .. "global if import in is lambda nonlocal not or pass raise return try while with yield".Split(' '),
    ];

    public SourceText Source { get; } = source;

    /// <summary>May be set back, to read the same tokens as something else.</summary>
    public int At { get; set; }

    public Token Current => tokens[At];

    public Token Next => tokens[Math.Min(At + 1, tokens.Count - 1)];

    public bool Sees(string text) => Current.Is(text);

    public bool Sees(TokenKind kind) => Current.Kind == kind;

    public bool SeesName => Current.Kind == TokenKind.Name && !Keywords.Contains(Current.Text);

    public Token Take()
    {
        var token = Current;
        At = Math.Min(At + 1, tokens.Count - 1);
        return token;
    }

    public bool TryTake(string text)
    {
        var found = Sees(text);
        if (found)
        {
            Take();
        }
        return found;
    }

    public bool TryTake(TokenKind kind)
    {
        var found = Sees(kind);
        if (found)
        {
            Take();
        }
        return found;
    }

    public void Expect(string text, string where)
    {
        if (!TryTake(text))
        {
            throw Wrong($"\"{text}\" is expected {where}");
        }
    }

    public string ExpectName(string what) => SeesName ? Take().Text : throw Wrong($"{what} is expected");

    /// <summary>The source from the token at <paramref name="first"/> up to the current one.</summary>
    public string Since(int first) => first == At ? "" : Source.Text[tokens[first].Start..tokens[At - 1].End];

    public PythonSyntaxException Wrong(string reason) => Source.Error($"{reason}, not {Shown(Current)}", Current.Start);

    private static string Shown(Token token) =>
        token.Kind switch
        {
            TokenKind.NewLine => "the end of the line",
            TokenKind.Indent => "a deeper indentation",
            TokenKind.Dedent => "the end of the block",
            TokenKind.End => "the end of the file",
            TokenKind.Text => "a string",
            _ => $"\"{token.Text}\"",
        };
}
