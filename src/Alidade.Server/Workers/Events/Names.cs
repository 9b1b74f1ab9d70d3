namespace Alidade.Server.Workers.Events;

/// <summary>Texts that user code chose, made fit to be stored.</summary>
internal static class Names
{
    private const int Longest = 250;
    private const int LongestText = 64 * 1024;

    public static string Required(string? name, string member) =>
        string.IsNullOrEmpty(name) ? throw new FormatException($"{member} is missing or empty.") : Clip(name)!;

    public static string Text(string? text, string member) =>
        text ?? throw new FormatException($"{member} is missing.");

    /// <summary>Names are cut rather than refused: a bad name must not stop the events behind it.</summary>
    public static string? Clip(string? name) =>
        name is null ? null
        : name.Length > Longest ? Storable(Cut(name, Longest))
        : Storable(name);

    /// <summary>Without the one character that PostgreSQL has no room for, and not without end.</summary>
    public static string Storable(string text, int longest = LongestText)
    {
        if (text.Length > longest)
        {
            text = Cut(text, longest) + "…";
        }

        return text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\uFFFD') : text;
    }

    /// <summary>Not through the middle of a surrogate pair, half of which is no text.</summary>
    private static string Cut(string text, int length) =>
        text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
