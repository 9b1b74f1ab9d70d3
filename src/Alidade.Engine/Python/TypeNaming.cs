using System.Text.RegularExpressions;
using Alidade.Engine.Types;

namespace Alidade.Engine.Python;

/// <summary>
/// Names for the types of one function. An annotation that reads like a type gives its own name; any other, and a
/// parameter without one, gets <c>type1</c>, <c>type2</c>, …, clear of the names that annotations gave.
/// </summary>
internal sealed partial class TypeNaming
{
    private readonly HashSet<string> _taken;
    private readonly Dictionary<string, string> _made = [];
    private readonly List<MissingType> _missing = [];

    public TypeNaming(IReadOnlyList<string?> annotations) =>
        _taken = [.. annotations.OfType<string>().Where(IsType).Select(Readable)];

    public IReadOnlyList<MissingType> Missing => _missing;

    public string Name(string? annotation)
    {
        if (annotation is null)
        {
            return Fresh();
        }
        if (IsType(annotation))
        {
            return Noted(Readable(annotation), annotation);
        }
        if (!_made.TryGetValue(annotation, out var name))
        {
            _made[annotation] = name = Fresh();
        }
        return Noted(name, annotation);
    }

    private string Noted(string name, string annotation)
    {
        if (!BuiltinTypes.ByName.ContainsKey(name) && _missing.TrueForAll(missing => missing.Name != name))
        {
            _missing.Add(new(name, annotation));
        }
        return name;
    }

    private string Fresh()
    {
        var number = 1;
        while (!_taken.Add($"type{number}"))
        {
            number++;
        }
        return $"type{number}";
    }

    /// <summary>Names, dotted names, subscripts of them, unions and strings; what is subscribed may be anything.</summary>
    private static bool IsType(string annotation)
    {
        var depth = 0;
        var outside = string.Concat(
            annotation.Where(character =>
            {
                depth += character == '[' ? 1 : 0;
                var isOutside = depth == 0;
                depth -= character == ']' ? 1 : 0;
                return isOutside;
            })
        );
        return Outside().IsMatch(outside) && Readable(annotation).Length > 0;
    }

    private static string Readable(string annotation)
    {
        var plain = Blanks().Replace(annotation.ToLowerInvariant(), "");
        return NotWord().Replace(plain, "_").Trim('_') switch
        {
            "none" => "null",
            "str" => "string",
            "int" => "integer",
            "float" => "number",
            "bool" => "boolean",
            var name => name,
        };
    }

    [GeneratedRegex(
        @"\A\s*(?:[^\W\d][\w.\s]*|[rRuU]?'[^']*'|[rRuU]?""[^""]*"")(?:\s*\|\s*(?:[^\W\d][\w.\s]*|'[^']*'|""[^""]*""))*\s*\z"
    )]
    private static partial Regex Outside();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"\W+")]
    private static partial Regex NotWord();
}
