using System.Text.RegularExpressions;
using Alidade.Engine.Python;
using Alidade.Engine.Values;

namespace Alidade.Functions;

/// <summary>What a Python parameter is as a parameter of an entrypoint, from its annotation, or else its default.</summary>
internal static partial class FunctionParameters
{
    public static FunctionParameter Of(ParameterOutline parameter)
    {
        var kind = parameter.Annotation is { } annotation ? KindOf(annotation) : KindOfDefault(parameter.Default);
        var text = parameter.Default is { } code ? Literal(kind, code) : null;
        var type = parameter.Annotation is null ? "any" : TypeOf(kind, parameter.Annotation);
        return new FunctionParameter(
            parameter.Name,
            type,
            kind.Name(),
            text,
            IsOwn: parameter.Default is not null && text is null
        );
    }

    private static ParameterType KindOf(string annotation) =>
        Bare(annotation) switch
        {
            "int" => ParameterType.Integer,
            "float" => ParameterType.Float,
            "bool" => ParameterType.Boolean,
            "list" or "List" or "Sequence" => ParameterType.List,
            "dict" or "Dict" or "Mapping" => ParameterType.Mapping,
            _ => ParameterType.String,
        };

    private static ParameterType KindOfDefault(string? code) =>
        code switch
        {
            null or "" => ParameterType.String,
            "True" or "False" => ParameterType.Boolean,
            ['[', ..] => ParameterType.List,
            ['{', ..] => ParameterType.Mapping,
            _ when PythonNumbers.TryInteger(code, out _) => ParameterType.Integer,
            _ when PythonNumbers.TryFloat(code, out _) => ParameterType.Float,
            _ => ParameterType.String,
        };

    private static string TypeOf(ParameterType kind, string annotation) =>
        kind switch
        {
            ParameterType.Integer => "integer",
            ParameterType.Float => "number",
            ParameterType.Boolean => "boolean",
            ParameterType.String when Bare(annotation) == "str" => "string",
            _ => "any",
        };

    /// <summary>
    /// The name that decides: of <c>Optional[int]</c>, <c>int | None</c> and <c>"int"</c> it is <c>int</c>. Of several
    /// that are not all numbers none does.
    /// </summary>
    private static string Bare(string annotation)
    {
        var text = annotation.Trim().Trim('"', '\'');
        text = Optional().Replace(text, "$1");
        while (Innermost().Replace(text, "") is var outer && outer != text)
        {
            text = outer;
        }

        var names = text.Split('|').Select(part => part[(part.LastIndexOf('.') + 1)..].Trim()).Where(n => n != "None");
        return names.Distinct().Order().ToList() switch
        {
            [var only] => only,
            ["float", "int"] => "float",
            _ => "",
        };
    }

    /// <summary>A default as the text of a parameter; null when only Python can say what it is.</summary>
    private static string? Literal(ParameterType kind, string code)
    {
        if (kind == ParameterType.String)
        {
            var match = PlainString().Match(code);
            return match.Success ? match.Groups[2].Value : null;
        }

        return ParameterText.TryParse(kind, code, out _, out _) ? code : null;
    }

    [GeneratedRegex(@"^(?:typing\.)?Optional\[(.*)\]$")]
    private static partial Regex Optional();

    /// <summary>Brackets without others inside.</summary>
    [GeneratedRegex(@"\[[^\[\]]*\]")]
    private static partial Regex Innermost();

    /// <summary>A string literal without prefix or escapes.</summary>
    [GeneratedRegex("""^(['"])([^\\'"\n]*)\1$""")]
    private static partial Regex PlainString();
}
