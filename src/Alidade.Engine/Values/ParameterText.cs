using System.Diagnostics.CodeAnalysis;

namespace Alidade.Engine.Values;

/// <summary>Reads the text given for a parameter, by Python's rules for its type.</summary>
public static class ParameterText
{
    private const int ShownCharacters = 80;

    /// <exception cref="ParameterTextException">Names the parameter, the text and the expected type.</exception>
    public static Value Parse(string parameter, ParameterType type, string text) =>
        TryParse(type, text, out var value, out var reason)
            ? value
            : throw new ParameterTextException(parameter, type, text, reason);

    /// <param name="reason">What is expected instead, as the end of a sentence.</param>
    public static bool TryParse(
        ParameterType type,
        string text,
        [NotNullWhen(true)] out Value? value,
        [NotNullWhen(false)] out string? reason
    )
    {
        (value, reason) = type switch
        {
            ParameterType.String => UnicodeText.IsWellFormed(text)
                ? (Value.Of(text), null)
                : Refused("half of a surrogate pair is no character"),
            ParameterType.Float => PythonNumbers.TryFloat(text, out var real)
                ? (Value.Of(real), null)
                : Refused("write a number such as 0.1, 1e-3, inf or nan"),
            ParameterType.Integer => PythonNumbers.TryInteger(text, out var integer)
                ? (Value.Of(integer), null)
                : Refused("write a whole number such as 42 or -1_000"),
            ParameterType.Boolean => text.ToLowerInvariant() switch
            {
                "true" => (Value.Of(true), null),
                "false" => (Value.Of(false), null),
                _ => Refused("write true or false"),
            },
            ParameterType.List => ReadJson(text, json => json is ListValue, "[1, 2]"),
            _ => ReadJson(text, json => json is MapValue, "{\"a\": 1}"),
        };
        return value is not null;
    }

    /// <summary>A text as an error shows it: quoted, and cut when it is long.</summary>
    internal static string Shown(string text) =>
        text.Length <= ShownCharacters ? $"\"{text}\"" : $"\"{text[..ShownCharacters]}…\"";

    private static (Value?, string?) ReadJson(string text, Predicate<Value> isKind, string example)
    {
        try
        {
            var value = PythonJson.Parse(text);
            return isKind(value) ? (value, null) : Refused($"write JSON such as {example}");
        }
        catch (FormatException error)
        {
            return Refused($"write JSON such as {example}: {error.Message}");
        }
    }

    private static (Value?, string?) Refused(string reason) => (null, reason);
}

/// <summary>The text given for a parameter does not read as its type.</summary>
public sealed class ParameterTextException(string parameter, ParameterType type, string text, string reason)
    : FormatException(
        $"Parameter \"{parameter}\": {ParameterText.Shown(text)} does not read as {type.Name()}: {reason}."
    )
{
    public string Parameter { get; } = parameter;

    public ParameterType Type { get; } = type;

    public string Text { get; } = text;

    public string Reason { get; } = reason;
}
