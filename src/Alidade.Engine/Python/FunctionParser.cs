namespace Alidade.Engine.Python;

/// <summary>Recognises parameters and keeps what they say.</summary>
internal sealed class FunctionParser(TokenReader tokens, ExpressionParser expressions)
{
    /// <summary>Reads up to and with <paramref name="close"/>.</summary>
    public IReadOnlyList<ParameterOutline> Parameters(string close, bool hasAnnotations = true)
    {
        var parameters = new List<ParameterOutline>();
        var names = new HashSet<string>();
        var kind = ParameterKind.Normal;
        while (!tokens.TryTake(close))
        {
            if (tokens.TryTake("/"))
            {
                MarkPositional(parameters, kind);
            }
            else if (tokens.Sees("*") && (tokens.Next.Is(",") || tokens.Next.Is(close)))
            {
                kind = Only(kind, ParameterKind.KeywordOnly);
                tokens.Take();
                if (tokens.Next.Is(close) || tokens.Next.Is("**") || tokens.Sees(close))
                {
                    throw tokens.Wrong("a parameter by name is expected after \"*\"");
                }
            }
            else
            {
                var (stars, next) =
                    tokens.TryTake("**") ? (ParameterKind.KeywordRest, ParameterKind.KeywordRest)
                    : tokens.TryTake("*") ? (ParameterKind.Rest, Only(kind, ParameterKind.KeywordOnly))
                    : (kind, kind);
                if (kind == ParameterKind.KeywordRest)
                {
                    throw tokens.Wrong("nothing is expected after \"**\" and its name");
                }
                kind = next;
                var parameter = Parameter(stars, hasAnnotations, parameters);
                if (!names.Add(parameter.Name))
                {
                    throw tokens.Wrong($"the parameter \"{parameter.Name}\" stands twice; another name is expected");
                }
                parameters.Add(parameter);
            }
            if (!tokens.TryTake(","))
            {
                tokens.Expect(close, "or a comma");
                break;
            }
        }
        return parameters;
    }

    private ParameterOutline Parameter(ParameterKind kind, bool hasAnnotations, List<ParameterOutline> before)
    {
        var name = tokens.ExpectName("the name of a parameter");
        var annotation = hasAnnotations && tokens.TryTake(":") ? Text() : null;
        var isRest = kind is ParameterKind.Rest or ParameterKind.KeywordRest;
        var value = !isRest && tokens.TryTake("=") ? Text() : null;
        if (
            value is null
            && kind == ParameterKind.Normal
            && before is [.., { Kind: ParameterKind.Normal or ParameterKind.PositionalOnly, Default: not null }]
        )
        {
            throw tokens.Wrong($"\"{name}\" follows a parameter with a default, so \"=\" and a default are expected");
        }
        return new(name, kind, annotation, value);
    }

    private string Text()
    {
        var first = tokens.At;
        tokens.TryTake("*");
        expressions.Single();
        return tokens.Since(first);
    }

    private void MarkPositional(List<ParameterOutline> parameters, ParameterKind kind)
    {
        if (kind != ParameterKind.Normal || parameters.Count == 0 || parameters[0].Kind == ParameterKind.PositionalOnly)
        {
            throw tokens.Wrong("\"/\" does not belong here; a parameter is expected");
        }
        for (var i = 0; i < parameters.Count; i++)
        {
            parameters[i] = parameters[i] with { Kind = ParameterKind.PositionalOnly };
        }
    }

    private ParameterKind Only(ParameterKind before, ParameterKind next) =>
        before == ParameterKind.Normal
            ? next
            : throw tokens.Wrong("only one \"*\" is allowed; a parameter is expected");
}
