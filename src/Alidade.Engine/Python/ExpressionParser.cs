namespace Alidade.Engine.Python;

/// <summary>What an expression is, as far as it matters to what may be done with it.</summary>
internal enum ExpressionKind
{
    /// <summary>A name, attribute or item: may be assigned to.</summary>
    Target,

    /// <summary>A list or tuple of targets, or a starred one.</summary>
    Targets,

    Other,
}

/// <summary>
/// Recognises expressions. Nothing is built: a file is only read to find its functions and to say where it is not
/// Python, so operators need no precedence.
/// </summary>
internal sealed class ExpressionParser
{
    private const int MaxDepth = 200;

    private static readonly HashSet<string> Binary =
    [
        .. "or and < > == >= <= != in is | ^ & << >> + - * / // % @ **".Split(' '),
    ];

    private readonly TokenReader _tokens;
    private readonly EnclosedParser _enclosed;
    private int _depth;
    private bool _seesYield;

    public ExpressionParser(TokenReader tokens)
    {
        _tokens = tokens;
        _enclosed = new EnclosedParser(tokens, this);
        Functions = new FunctionParser(tokens, this);
    }

    /// <summary>In a <c>case</c>: any part may be named with <c>as</c>, and <c>if</c> begins the guard.</summary>
    public bool IsPattern { get; set; }

    public FunctionParser Functions { get; }

    /// <summary>The arguments of a call, up to and with the closing bracket.</summary>
    public void Arguments() => _enclosed.Arguments();

    /// <summary><c>a, *b, c</c></summary>
    public ExpressionKind List(string what = "an expression")
    {
        var kind = StarredOrNamed(what);
        if (!_tokens.Sees(","))
        {
            return kind;
        }
        while (_tokens.TryTake(",") && IsStart)
        {
            kind = Both(kind, StarredOrNamed(what));
        }
        return kind == ExpressionKind.Other ? kind : ExpressionKind.Targets;
    }

    /// <summary><c>x := a</c>, or any expression but a starred one.</summary>
    public ExpressionKind Named(string what = "an expression")
    {
        if (_tokens.SeesName && _tokens.Next.Is(":="))
        {
            _tokens.Take();
            _tokens.Take();
            Single(what);
            return ExpressionKind.Other;
        }
        return Single(what);
    }

    public ExpressionKind Single(string what = "an expression")
    {
        if (++_depth > MaxDepth)
        {
            throw _tokens.Source.Error($"expressions are nested deeper than {MaxDepth}", _tokens.Current.Start);
        }
        var kind = _tokens.Sees("lambda") ? Lambda() : Operation(what);
        while (!IsPattern && _tokens.TryTake("if"))
        {
            kind = ExpressionKind.Other;
            Operation("a condition");
            _tokens.Expect("else", "after \"if\" in an expression");
            if (_tokens.Sees("lambda"))
            {
                Lambda();
                break;
            }
            Operation("an expression");
        }
        if (IsPattern && _tokens.TryTake("as"))
        {
            _tokens.ExpectName("a name");
        }
        _depth--;
        return kind;
    }

    /// <summary>The targets of a <c>for</c>, which end where <c>in</c> stands.</summary>
    public void LoopTargets()
    {
        do
        {
            if (_tokens.Sees("in"))
            {
                return;
            }
            _tokens.TryTake("*");
            if (Primary("a name to loop with") == ExpressionKind.Other)
            {
                throw _tokens.Wrong("a name to loop with is expected");
            }
        } while (_tokens.TryTake(","));
    }

    public bool IsStart =>
        _tokens.Current.Kind is TokenKind.Number or TokenKind.Text
        || _tokens.SeesName
        || (
            _tokens.Current.Kind == TokenKind.Name
            && _tokens.Current.Text is "None" or "True" or "False" or "not" or "lambda" or "await"
        )
        || (
            _tokens.Current.Kind == TokenKind.Operator
            && _tokens.Current.Text is "(" or "[" or "{" or "+" or "-" or "~" or "*" or "..."
        );

    /// <summary>Operands joined by operators, without <c>if … else</c>.</summary>
    internal ExpressionKind Operation(string what)
    {
        var kind = Operand(what);
        while (true)
        {
            if (_tokens.Sees("not") && _tokens.Next.Is("in"))
            {
                _tokens.Take();
            }
            if (
                _tokens.Current.Kind is not (TokenKind.Name or TokenKind.Operator)
                || !Binary.Contains(_tokens.Current.Text)
            )
            {
                return kind;
            }
            if (_tokens.Take().Text == "is")
            {
                _tokens.TryTake("not");
            }
            Operand("an operand");
            kind = ExpressionKind.Other;
        }
    }

    private ExpressionKind Operand(string what)
    {
        var isPlain = true;
        while (
            _tokens.Sees("not") || _tokens.Sees("await") || _tokens.Sees("+") || _tokens.Sees("-") || _tokens.Sees("~")
        )
        {
            _tokens.Take();
            isPlain = false;
        }
        var kind = Primary(what);
        return isPlain ? kind : ExpressionKind.Other;
    }

    private ExpressionKind Primary(string what)
    {
        var kind = Atom(what);
        while (true)
        {
            if (_tokens.TryTake("."))
            {
                _tokens.ExpectName("the name of an attribute");
                kind = ExpressionKind.Target;
            }
            else if (_tokens.TryTake("["))
            {
                _enclosed.Slices();
                kind = ExpressionKind.Target;
            }
            else if (_tokens.TryTake("("))
            {
                _enclosed.Arguments();
                kind = ExpressionKind.Other;
            }
            else
            {
                return kind;
            }
        }
    }

    private ExpressionKind Atom(string what)
    {
        if (_tokens.SeesName)
        {
            _tokens.Take();
            return ExpressionKind.Target;
        }
        if (_tokens.Sees("None") || _tokens.Sees("True") || _tokens.Sees("False") || _tokens.Sees("..."))
        {
            _tokens.Take();
            return ExpressionKind.Other;
        }
        if (_tokens.TryTake(TokenKind.Number))
        {
            return ExpressionKind.Other;
        }
        if (_tokens.TryTake(TokenKind.Text))
        {
            while (_tokens.TryTake(TokenKind.Text)) { }
            return ExpressionKind.Other;
        }
        if (_tokens.TryTake("("))
        {
            return _enclosed.Parenthesis();
        }
        if (_tokens.TryTake("["))
        {
            return _enclosed.Brackets("]");
        }
        return _tokens.TryTake("{") ? _enclosed.Braces() : throw _tokens.Wrong($"{what} is expected");
    }

    private ExpressionKind Lambda()
    {
        _tokens.Take();
        Functions.Parameters(":", hasAnnotations: false);
        Yields(() => Single());
        return ExpressionKind.Other;
    }

    /// <summary>Reads the body of a function.</summary>
    /// <returns>Whether it yields itself; what functions in it yield does not count.</returns>
    public bool Yields(Action body)
    {
        var around = _seesYield;
        _seesYield = false;
        body();
        var yields = _seesYield;
        _seesYield = around;
        return yields;
    }

    public void Yield()
    {
        _tokens.Expect("yield", "here");
        _seesYield = true;
        if (_tokens.TryTake("from"))
        {
            Single();
        }
        else if (IsStart)
        {
            List();
        }
    }

    internal ExpressionKind StarredOrNamed(string what)
    {
        if (!_tokens.TryTake("*"))
        {
            return Named(what);
        }
        return Operation(what) == ExpressionKind.Other ? ExpressionKind.Other : ExpressionKind.Targets;
    }

    internal static ExpressionKind Both(ExpressionKind one, ExpressionKind other) =>
        one == ExpressionKind.Other ? one : other;
}
