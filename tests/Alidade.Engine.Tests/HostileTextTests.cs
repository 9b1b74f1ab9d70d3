using Alidade.Engine.Graphs;
using Alidade.Engine.Plans;
using Alidade.Engine.Python;
using Alidade.Engine.Values;
using FsCheck;
using FsCheck.Fluent;

namespace Alidade.Engine.Tests;

/// <summary>Whatever people send, the readers answer: with issues, or with the one exception they promise.</summary>
public sealed class HostileTextTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    private static Arbitrary<string> Of(params string[] pieces) =>
        Gen.OneOf(Gen.Elements(pieces), ArbMap.Default.GeneratorFor<char>().Select(character => character.ToString()))
            .ListOf()
            .Select(texts => string.Concat(texts))
            .ToArbitrary();

    [Fact]
    public void Graphs() =>
        Prop.ForAll(
                Of(
                    "a",
                    ": ",
                    "\n",
                    "  ",
                    "- ",
                    "[",
                    "]",
                    "{",
                    "}",
                    ", ",
                    "&x ",
                    "*x",
                    "<<: ",
                    "'",
                    "\"",
                    "|\n",
                    "? ",
                    "!!int ",
                    "#",
                    "load",
                    "task: ",
                    "$a",
                    "$",
                    ".",
                    "1",
                    "args: ",
                    "dependencies: ",
                    "\t",
                    "---\n"
                ),
                text =>
                    EntrypointValidator.Validate(Definitions.Digits(text, text)) is not null
                    && EntrypointValidator.Outline(Definitions.Digits(text)) is not null
                    && EntrypointConfig.Write(Definitions.Digits(text)).Issues is not null
            )
            .Check(Many);

    [Fact]
    public void Structures_of_types() =>
        Prop.ForAll(
                Of(
                    "{",
                    "}",
                    "[",
                    "]",
                    "\"list\"",
                    "\"tuple\"",
                    "\"mapping\"",
                    "\"union\"",
                    "\"is_a\"",
                    ":",
                    ",",
                    "\"t\"",
                    "\"number\"",
                    "null",
                    "1",
                    "\"u\""
                ),
                text =>
                    EntrypointValidator.Validate(
                        Definitions.Digits("load: {load: []}") with
                        {
                            Types =
                            [
                                new("t", text),
                                new("dataset", "\"t\""),
                                new("model", text),
                                new("sizes", $"{{\"list\": {text}}}"),
                            ],
                        }
                    )
                        is not null
            )
            .Check(Many);

    [Fact]
    public void Values_of_parameters() =>
        Prop.ForAll(
                Of("[", "]", "{", "}", "\"a\"", ":", ",", "1", "e", ".", "-", "_", "NaN", "true", "\\u", "\"", " "),
                text =>
                    Enum.GetValues<ParameterType>()
                        .All(type => ParameterText.TryParse(type, text, out _, out var reason) || reason is not null)
            )
            .Check(Many);

    [Fact]
    public void Python() =>
        Prop.ForAll(
                Of(
                    "def f(",
                    ")",
                    ":",
                    "\n",
                    "    ",
                    "x",
                    "=",
                    "(",
                    "[",
                    "]",
                    "{",
                    "}",
                    "'",
                    "f'",
                    "'''",
                    "lambda ",
                    "if ",
                    "else ",
                    "for ",
                    "in ",
                    "match x:\n",
                    " case ",
                    "import ",
                    "from ",
                    "as ",
                    "@",
                    "with (",
                    "\\\n",
                    "#",
                    "*",
                    "1",
                    "await ",
                    "async ",
                    "class A:",
                    "try:",
                    "\t"
                ),
                source =>
                {
                    try
                    {
                        return SignatureReader.Read(source) is not null;
                    }
                    catch (PythonSyntaxException error)
                    {
                        return error is { Line: > 0, Column: > 0 } && error.Column <= error.Text.Length + 1;
                    }
                }
            )
            .Check(Many);
}
