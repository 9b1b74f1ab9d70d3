namespace Alidade.Engine.Python;

/// <summary>Recognises statements that take no block of their own.</summary>
internal sealed class SimpleStatementParser(TokenReader tokens, ExpressionParser expressions, ImportTable imports)
{
    private static readonly HashSet<string> Augmented = [.. "+= -= *= /= //= %= @= &= |= ^= >>= <<= **=".Split(' ')];

    private readonly ImportParser _imports = new(tokens, imports);

    /// <summary>How many functions and classes stand around; imports inside them bind no name of the module.</summary>
    public int Scopes { get; set; }

    /// <summary>Statements on one line, split by semicolons.</summary>
    public void Line()
    {
        do
        {
            Simple();
        } while (tokens.TryTake(";") && !tokens.Sees(TokenKind.NewLine));
        EndLine();
    }

    public void EndLine()
    {
        if (!tokens.TryTake(TokenKind.NewLine))
        {
            throw tokens.Wrong("the end of the line is expected");
        }
    }

    private void Simple()
    {
        switch (tokens.Sees(TokenKind.Name) ? tokens.Current.Text : "")
        {
            case "pass" or "break" or "continue":
                tokens.Take();
                break;
            case "return":
                tokens.Take();
                if (expressions.IsStart)
                {
                    expressions.List();
                }
                break;
            case "raise":
                Raise();
                break;
            case "global" or "nonlocal":
                Names();
                break;
            case "del":
                tokens.Take();
                RequireTarget(expressions.List());
                break;
            case "assert":
                tokens.Take();
                expressions.Single("a condition");
                if (tokens.TryTake(","))
                {
                    expressions.Single("a message");
                }
                break;
            case "import":
                _imports.Import(Scopes == 0);
                break;
            case "from":
                _imports.ImportFrom(Scopes == 0);
                break;
            case "type"
                when tokens.Next.Kind == TokenKind.Name
                    && tokens.Next.Text is not ("in" or "is" or "and" or "or" or "if" or "not"):
                TypeAlias();
                break;
            default:
                Assignment();
                break;
        }
    }

    private void Raise()
    {
        tokens.Take();
        if (!expressions.IsStart)
        {
            return;
        }
        expressions.Single();
        if (tokens.TryTake("from"))
        {
            expressions.Single();
        }
    }

    private void Names()
    {
        tokens.Take();
        do
        {
            tokens.ExpectName("a name");
        } while (tokens.TryTake(","));
    }

    private void TypeAlias()
    {
        tokens.Take();
        tokens.ExpectName("the name of the type");
        TypeParameters();
        tokens.Expect("=", "after the name of the type");
        expressions.Single();
    }

    private void Assignment()
    {
        var kind = Value();
        if (tokens.TryTake(":"))
        {
            RequireTarget(kind);
            expressions.Single("an annotation");
            if (tokens.TryTake("="))
            {
                Value();
            }
            return;
        }
        if (tokens.Sees(TokenKind.Operator) && Augmented.Contains(tokens.Current.Text))
        {
            RequireTarget(kind);
            tokens.Take();
            Value();
            return;
        }
        while (tokens.Sees("="))
        {
            RequireTarget(kind);
            tokens.Take();
            kind = Value();
        }
    }

    private ExpressionKind Value()
    {
        if (!tokens.Sees("yield"))
        {
            return expressions.List("a statement or expression");
        }
        expressions.Yield();
        return ExpressionKind.Other;
    }

    private void RequireTarget(ExpressionKind kind)
    {
        if (kind == ExpressionKind.Other)
        {
            throw tokens.Wrong("something that can be assigned to is expected before this");
        }
    }

    /// <summary><c>[T: Bound = Default, *Ts, **P]</c></summary>
    public void TypeParameters()
    {
        if (!tokens.TryTake("["))
        {
            return;
        }
        do
        {
            _ = tokens.TryTake("*") || tokens.TryTake("**");
            tokens.ExpectName("a type parameter");
            if (tokens.TryTake(":"))
            {
                expressions.Single();
            }
            if (tokens.TryTake("="))
            {
                expressions.List();
            }
        } while (tokens.TryTake(",") && !tokens.Sees("]"));
        tokens.Expect("]", "after the type parameters");
    }
}
