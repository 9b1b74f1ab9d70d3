using System.Collections;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Alidade.Server.Platform.Input;

/// <summary>A condition on a field of a body.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public abstract class RuleAttribute : Attribute
{
    /// <summary>Null when the value is right, else the sentence that says what would be.</summary>
    public abstract string? Check(object value);
}

/// <summary>May be left out, but not be null: the C# type is nullable only to tell the two apart.</summary>
public sealed class NotNullAttribute : RuleAttribute
{
    public override string? Check(object value) => null;
}

/// <summary>A text of at least and at most so many characters, or a list of so many items.</summary>
public sealed class LengthAttribute(int min, int max) : RuleAttribute
{
    public override string? Check(object value)
    {
        var length = value is string text ? text.Length : ((ICollection)value).Count;
        return length < min ? $"Shorter than minimum length {min}."
            : length > max ? $"Longer than maximum length {max}."
            : null;
    }
}

/// <summary>The name of a resource: something to see, without control characters.</summary>
public sealed class NameAttribute : RuleAttribute
{
    private const int Longest = 255;

    public override string? Check(object value) =>
        value is not string text ? null
        : string.IsNullOrWhiteSpace(text) ? "A name needs at least one character that can be seen."
        : text.Length > Longest ? $"Longer than maximum length {Longest}."
        : text.Any(char.IsControl) ? "A name may not contain control characters."
        : null;
}

/// <summary>A Python identifier, as plugins, tasks, their parameters and metrics are named.</summary>
public sealed partial class IdentifierAttribute : RuleAttribute
{
    public override string? Check(object value) =>
        value is string { Length: <= 255 } text && Pattern().IsMatch(text)
            ? null
            : $"'{value}' is not a valid name: use letters, digits and underscores, not beginning with a digit.";

    public static bool IsIdentifier(string text) => text.Length <= 255 && Pattern().IsMatch(text);

    [GeneratedRegex(@"^([A-Z]|[A-Z_][A-Z0-9_]+)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>
/// The name of a task. A plugin file can define it: it is no word of Python's own, and not one of the names with which every
/// module comes, so that what is called is always what stands in the file.
/// </summary>
public sealed class TaskNameAttribute : RuleAttribute
{
    private static readonly IdentifierAttribute _identifier = new();
    private static readonly FrozenSet<string> _words = (
        "False None True and as assert async await break class continue def del elif else except finally for from global "
        + "if import in is lambda nonlocal not or pass raise return try while with yield"
    )
        .Split(' ')
        .ToFrozenSet();

    public override string? Check(object value) =>
        _identifier.Check(value)
        ?? (
            value is string name && (_words.Contains(name) || IsSpecial(name))
                ? $"'{name}' is not a valid name of a task: it has a meaning of its own in Python."
                : null
        );

    private static bool IsSpecial(string name) =>
        name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal);
}

/// <summary>The path of a plugin file: folders that do not begin with an underscore, ending in a Python file.</summary>
public sealed partial class PythonPathAttribute : RuleAttribute
{
    public override string? Check(object value) =>
        value is string { Length: <= 255 } text && Pattern().IsMatch(text)
            ? null
            : $"'{value}' is not a valid Python filename: {Reason(value as string)}";

    private static string Reason(string? path) =>
        path?.Contains("/_", StringComparison.Ordinal) == true
            ? "below a folder no name begins with an underscore. Leave an __init__.py there out: Python needs none."
            : "use folder/name.py with letters, digits and underscores.";

    [GeneratedRegex(
        @"^(?!.*/_)(?!_/)([a-zA-Z][a-zA-Z0-9_]*/)*[a-zA-Z_][a-zA-Z0-9_]*\.py\z|^requirements\.txt\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Pattern();
}

/// <summary>An object of any members.</summary>
public sealed class MappingAttribute : RuleAttribute
{
    public override string? Check(object value) =>
        value is JsonElement { ValueKind: JsonValueKind.Object } ? null : "Not a valid mapping type.";
}

/// <summary>One of a few words.</summary>
public sealed class OneOfAttribute(params string[] allowed) : RuleAttribute
{
    public override string? Check(object value) =>
        value is string text && allowed.Contains(text) ? null : $"Must be one of: {string.Join(", ", allowed)}.";
}
