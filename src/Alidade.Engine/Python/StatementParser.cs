namespace Alidade.Engine.Python;

/// <summary>
/// Recognises a whole file, statement by statement, and keeps the functions of its top level. Imports count in any
/// block at module level, such as a <c>try</c>; functions only outside every block.
/// </summary>
internal sealed class StatementParser
{
    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private readonly SimpleStatementParser _simple;
    private readonly ImportTable _imports = new();
    private readonly List<FunctionOutline> _found = [];
    private int _blocks;

    private StatementParser(TokenReader tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens);
        _simple = new SimpleStatementParser(tokens, _expressions, _imports);
    }

    /// <exception cref="PythonSyntaxException">It is not Python.</exception>
    public static ModuleOutline Parse(string text)
    {
        var source = new SourceText(text);
        var tokens = Tokenizer.Read(source);
        var parser = new StatementParser(new TokenReader(source, tokens));
        while (!parser._tokens.Sees(TokenKind.End))
        {
            parser.Statement();
        }
        var words = tokens.Where(token => token.Kind == TokenKind.Name).Select(token => token.Text).ToHashSet();
        return new ModuleOutline(parser._found, words);
    }

    private void Statement()
    {
        if (_tokens.Sees(TokenKind.Indent))
        {
            throw _tokens.Wrong("a statement of the same block is expected");
        }
        if (_tokens.Current.Kind == TokenKind.Operator && _tokens.Sees("@"))
        {
            Decorated();
            return;
        }
        var isWord = _tokens.Sees(TokenKind.Name);
        switch (isWord ? _tokens.Current.Text : "")
        {
            case "def":
                Function([], false);
                break;
            case "class":
                Class();
                break;
            case "async":
                Async([]);
                break;
            case "if":
                If();
                break;
            case "while":
                Head(() => _expressions.Named("a condition"));
                Else();
                break;
            case "for":
                For();
                break;
            case "try":
                Try();
                break;
            case "with":
                With();
                break;
            case "match" when TryMatch():
                break;
            default:
                _simple.Line();
                break;
        }
    }

    private void Decorated()
    {
        var decorators = new List<string>();
        while (_tokens.TryTake("@"))
        {
            var first = _tokens.At;
            _expressions.Named("a decorator");
            decorators.Add(_imports.Resolve(DottedName(_tokens.Since(first))));
            _simple.EndLine();
        }
        if (_tokens.Sees("class"))
        {
            Class();
        }
        else if (_tokens.Sees("async"))
        {
            Async(decorators);
        }
        else if (_tokens.Sees("def"))
        {
            Function(decorators, false);
        }
        else
        {
            throw _tokens.Wrong("a function or class is expected after a decorator");
        }
    }

    /// <summary>The name called or used by a decorator, without its arguments and blanks.</summary>
    private static string DottedName(string decorator)
    {
        var end = decorator.IndexOf('(', StringComparison.Ordinal);
        return string.Concat(
            (end < 0 ? decorator : decorator[..end]).Where(character => !char.IsWhiteSpace(character))
        );
    }

    private void Async(List<string> decorators)
    {
        _tokens.Take();
        switch (_tokens.Current.Text)
        {
            case "def":
                Function(decorators, true);
                break;
            case "for" when decorators.Count == 0:
                For();
                break;
            case "with" when decorators.Count == 0:
                With();
                break;
            default:
                throw _tokens.Wrong("\"def\", \"for\" or \"with\" is expected after \"async\"");
        }
    }

    private void Function(List<string> decorators, bool isAsync)
    {
        var line = _tokens.Source.LineOf(_tokens.Take().Start);
        var name = _tokens.ExpectName("the name of the function");
        _simple.TypeParameters();
        _tokens.Expect("(", "after the name of the function");
        var parameters = _expressions.Functions.Parameters(")");
        var returns = _tokens.TryTake("->") ? Annotation() : null;
        var isGenerator = _expressions.Yields(Scope);
        if (_blocks == 0)
        {
            _found.Add(new(name, line, isAsync, isGenerator, decorators, parameters, returns));
        }
    }

    private void Class()
    {
        _tokens.Take();
        _tokens.ExpectName("the name of the class");
        _simple.TypeParameters();
        if (_tokens.TryTake("("))
        {
            _expressions.Arguments();
        }
        Scope();
    }

    private void Scope()
    {
        _simple.Scopes++;
        Block();
        _simple.Scopes--;
    }

    private string Annotation()
    {
        var first = _tokens.At;
        _expressions.List();
        return _tokens.Since(first);
    }

    private void If()
    {
        Head(() => _expressions.Named("a condition"));
        while (_tokens.Sees("elif"))
        {
            Head(() => _expressions.Named("a condition"));
        }
        Else();
    }

    private void For()
    {
        Head(() =>
        {
            _expressions.LoopTargets();
            _tokens.Expect("in", "in a loop");
            _expressions.List("what to loop over");
        });
        Else();
    }

    private void Try()
    {
        Head(() => { });
        var handlers = 0;
        for (; _tokens.Sees("except"); handlers++)
        {
            Head(() =>
            {
                var isGroup = _tokens.TryTake("*");
                if (isGroup || !_tokens.Sees(":"))
                {
                    _expressions.List("an exception");
                }
                if (_tokens.TryTake("as"))
                {
                    _tokens.ExpectName("a name");
                }
            });
        }
        if (handlers > 0)
        {
            Else();
        }
        if (_tokens.Sees("finally"))
        {
            Head(() => { });
        }
        else if (handlers == 0)
        {
            throw _tokens.Wrong("\"except\" or \"finally\" is expected after \"try\"");
        }
    }

    private void With() =>
        Head(() =>
        {
            var start = _tokens.At;
            if (!TryItemsInParenthesis())
            {
                _tokens.At = start;
                do
                {
                    WithItem();
                } while (_tokens.TryTake(","));
            }
        });

    /// <summary><c>with (a as b, c as d):</c>, which as an expression would be an error.</summary>
    private bool TryItemsInParenthesis()
    {
        if (!_tokens.TryTake("("))
        {
            return false;
        }
        try
        {
            do
            {
                WithItem();
            } while (_tokens.TryTake(",") && !_tokens.Sees(")"));
            return _tokens.TryTake(")") && _tokens.Sees(":");
        }
        catch (PythonSyntaxException)
        {
            return false; // It is reported when the same tokens are read as an expression.
        }
    }

    private void WithItem()
    {
        _expressions.Single();
        if (_tokens.TryTake("as"))
        {
            _expressions.Single("a name");
        }
    }

    /// <summary><c>match</c> is a statement only where it reads as one; elsewhere it is a name.</summary>
    private bool TryMatch()
    {
        var start = _tokens.At;
        _tokens.Take();
        if (!_expressions.IsStart || !IsMatchHead())
        {
            _tokens.At = start;
            return false;
        }
        _blocks++;
        while (_tokens.Sees("case"))
        {
            Head(() =>
            {
                _expressions.IsPattern = true;
                _expressions.List("a pattern");
                _expressions.IsPattern = false;
                if (_tokens.TryTake("if"))
                {
                    _expressions.Named("a condition");
                }
            });
        }
        _blocks--;
        return _tokens.TryTake(TokenKind.Dedent) ? true : throw _tokens.Wrong("\"case\" is expected");
    }

    private bool IsMatchHead()
    {
        try
        {
            _expressions.List();
            return _tokens.TryTake(":")
                && _tokens.TryTake(TokenKind.NewLine)
                && _tokens.TryTake(TokenKind.Indent)
                && _tokens.Sees("case");
        }
        catch (PythonSyntaxException)
        {
            return false; // It is reported when the same tokens are read as an expression.
        }
    }

    private void Else()
    {
        if (_tokens.Sees("else"))
        {
            Head(() => { });
        }
    }

    /// <summary>The word that begins a block, what follows it, and the block.</summary>
    private void Head(Action content)
    {
        _tokens.Take();
        content();
        Block();
    }

    private void Block()
    {
        _tokens.Expect(":", "before a block");
        _blocks++;
        if (_tokens.TryTake(TokenKind.NewLine))
        {
            if (!_tokens.TryTake(TokenKind.Indent))
            {
                throw _tokens.Wrong("an indented block is expected");
            }
            while (!_tokens.TryTake(TokenKind.Dedent))
            {
                Statement();
            }
        }
        else
        {
            _simple.Line();
        }
        _blocks--;
    }
}
