namespace Alidade.Server.Pages.Jump;

/// <summary>What somebody types to find a thing by its name: words in any order, each anywhere in the name.</summary>
public sealed class SearchWords
{
    private const int Most = 6;
    private const int Longest = 60;

    /// <summary>Shorter ones are looked for at the beginning of names, where an index has them.</summary>
    private const int Anywhere = 3;

    private SearchWords(IReadOnlyList<string> all) => All = all;

    public IReadOnlyList<string> All { get; }

    public bool AreNone => All.Count == 0;

    public static SearchWords Of(string? text) =>
        new([
            .. (text ?? "")
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Take(Most)
                .Select(word => word[..Math.Min(word.Length, Longest)])
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ]);

    public bool Match(string title) => All.All(word => title.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the title begins with the first of them.</summary>
    public bool Begin(string title) => All.Count > 0 && title.StartsWith(All[0], StringComparison.OrdinalIgnoreCase);

    /// <summary>A search of our lists for all of them in one field.</summary>
    public string Search(string field) =>
        string.Join(", ", All.Select(word => $"{field}:\"{(word.Length < Anywhere ? "" : "*")}{Escape(word)}*\""));

    /// <summary>The title in pieces, in turn what no word and what some word has.</summary>
    public IReadOnlyList<string> Pieces(string title)
    {
        var marked = new bool[title.Length];
        foreach (var word in All)
        {
            for (var at = 0; (at = title.IndexOf(word, at, StringComparison.OrdinalIgnoreCase)) >= 0; at += word.Length)
            {
                Array.Fill(marked, true, at, word.Length);
            }
        }

        var pieces = new List<string>();
        for (int at = 0, end; at < title.Length; at = end)
        {
            for (end = at; end < title.Length && marked[end] == (pieces.Count % 2 == 1); end++) { }
            pieces.Add(title[at..end]);
        }

        return pieces;
    }

    private static string Escape(string word) =>
        string.Concat(word.Select(c => c is '\\' or '?' or '*' or '"' ? $"\\{c}" : $"{c}"));
}
