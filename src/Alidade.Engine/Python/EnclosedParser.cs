namespace Alidade.Engine.Python;

/// <summary>Recognises what stands in brackets: tuples, lists, mappings, sets, comprehensions, arguments, slices.</summary>
internal sealed class EnclosedParser(TokenReader tokens, ExpressionParser expressions)
{
    public ExpressionKind Parenthesis()
    {
        if (!tokens.Sees("yield"))
        {
            return Brackets(")");
        }
        expressions.Yield();
        tokens.Expect(")", "after \"yield\"");
        return ExpressionKind.Other;
    }

    public ExpressionKind Brackets(string close)
    {
        var kind = ExpressionKind.Targets;
        for (var isFirst = true; !tokens.TryTake(close); isFirst = false)
        {
            var item = expressions.StarredOrNamed("an expression");
            if (isFirst && TryComprehension())
            {
                tokens.Expect(close, "after a comprehension");
                return ExpressionKind.Other;
            }
            if (isFirst && close == ")" && tokens.TryTake(close))
            {
                return item;
            }
            kind = ExpressionParser.Both(kind, item);
            if (!tokens.TryTake(","))
            {
                tokens.Expect(close, "or a comma");
                break;
            }
        }
        return kind;
    }

    public ExpressionKind Braces()
    {
        bool? isMapping = null;
        while (!tokens.TryTake("}"))
        {
            var isFirst = isMapping is null;
            isMapping = Member(isMapping);
            if (isFirst && TryComprehension())
            {
                tokens.Expect("}", "after a comprehension");
                break;
            }
            if (!tokens.TryTake(","))
            {
                tokens.Expect("}", "or a comma");
                break;
            }
        }
        return ExpressionKind.Other;
    }

    /// <summary>A member of a mapping or set; whichever the first one is, the others must be.</summary>
    private bool Member(bool? isMapping)
    {
        if (isMapping is not false && tokens.TryTake("**"))
        {
            expressions.Operation("a mapping");
            return true;
        }
        if (isMapping is true)
        {
            expressions.Single("a key");
            tokens.Expect(":", "after a key");
            expressions.Single("a value");
            return true;
        }
        expressions.StarredOrNamed("an expression");
        if (isMapping is null && tokens.TryTake(":"))
        {
            expressions.Single("a value");
            return true;
        }
        return false;
    }

    private bool TryComprehension()
    {
        var found = false;
        while (tokens.Sees("for") || (tokens.Sees("async") && tokens.Next.Is("for")))
        {
            tokens.TryTake("async");
            tokens.Take();
            expressions.LoopTargets();
            tokens.Expect("in", "in a comprehension");
            expressions.Operation("what to loop over");
            while (tokens.TryTake("if"))
            {
                if (tokens.SeesName && tokens.Next.Is(":="))
                {
                    expressions.Named();
                }
                else
                {
                    expressions.Operation("a condition");
                }
            }
            found = true;
        }
        return found;
    }

    public void Arguments()
    {
        var isNamed = false;
        while (!tokens.TryTake(")"))
        {
            if (tokens.TryTake("*") || tokens.TryTake("**"))
            {
                expressions.Single("an argument");
            }
            else if (tokens.SeesName && tokens.Next.Is("="))
            {
                tokens.Take();
                tokens.Take();
                expressions.Single("a value");
                isNamed = true;
            }
            else if (isNamed)
            {
                throw tokens.Wrong("an argument by name is expected after another one");
            }
            else
            {
                expressions.Named("an argument");
                TryComprehension();
            }
            if (!tokens.TryTake(","))
            {
                tokens.Expect(")", "or a comma");
                break;
            }
        }
    }

    public void Slices()
    {
        do
        {
            if (tokens.TryTake("*"))
            {
                expressions.Single();
                continue;
            }
            if (!tokens.Sees(":"))
            {
                expressions.Named("an index");
            }
            for (var colons = 0; colons < 2 && tokens.TryTake(":"); colons++)
            {
                if (!tokens.Sees(":") && !tokens.Sees("]") && !tokens.Sees(","))
                {
                    expressions.Single();
                }
            }
        } while (tokens.TryTake(",") && !tokens.Sees("]"));
        tokens.Expect("]", "or a comma");
    }
}
