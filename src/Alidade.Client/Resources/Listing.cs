using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Which page of a list.</summary>
/// <param name="Search">Terms of the search language, such as <c>name:'digits*'</c>.</param>
/// <param name="Index">Offset of the first row.</param>
public sealed record Listing(
    string? Search = null,
    string? SortBy = null,
    bool? Descending = null,
    int? Index = null,
    int? PageLength = null
)
{
    /// <summary>A text as one literal of the search language.</summary>
    public static string Quote(string text)
    {
        var quoted = new System.Text.StringBuilder("'");
        foreach (var c in text)
        {
            quoted.Append(
                c is '\\' or '?' or '*' or '\'' ? $"\\{c}"
                : c == '\n' ? "\\n"
                : c.ToString()
            );
        }

        return quoted.Append('\'').ToString();
    }

    internal string Of(string path) =>
        Query.Of(
            path,
            ("search", Search),
            ("sortBy", SortBy),
            ("descending", Descending),
            ("index", Index),
            ("pageLength", PageLength)
        );
}

public sealed record Page<T>(int Index, bool IsComplete, long TotalNumResults, IReadOnlyList<T> Data);
