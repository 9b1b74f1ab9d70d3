using System.Globalization;
using System.Text.Json.Serialization;

namespace Alidade.Server.Platform.Paging;

/// <summary>A part of a list, with links that keep everything that was asked.</summary>
public sealed record Page<T>(
    long Index,
    bool IsComplete,
    long TotalNumResults,
    string First,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Next,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Prev,
    IReadOnlyList<T> Data
)
{
    /// <summary>There are at least so many results; what would take long to count is not counted to its end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TotalIsLowerBound { get; init; }
}

/// <summary>Makes pages.</summary>
public static class Page
{
    /// <param name="path">Below <c>/api/v1</c>, without slashes at its ends: <c>queues</c>, <c>jobs/7/log</c>.</param>
    /// <param name="more">Further query parameters of this list, to be carried in the links.</param>
    public static Page<T> Of<T>(
        string path,
        Listing listing,
        long total,
        IReadOnlyList<T> data,
        params (string Name, string Value)[] more
    )
    {
        var end = Math.Min(listing.Index, total) + listing.Limit;
        return new Page<T>(
            listing.Index,
            end >= total,
            total,
            Link(path, listing, 0, more),
            end < total ? Link(path, listing, end, more) : null,
            listing.Index > 0
                ? Link(path, listing, Math.Max(0, listing.Index - Math.Max(0, listing.PageLength)), more)
                : null,
            data
        );
    }

    private static string Link(string path, Listing listing, long index, (string Name, string Value)[] more)
    {
        List<(string Name, string Value)> query =
        [
            ("index", index.ToString(CultureInfo.InvariantCulture)),
            ("pageLength", listing.PageLength.ToString(CultureInfo.InvariantCulture)),
        ];
        if (listing.GroupId is { } group)
        {
            query.Add(("groupId", group.ToString(CultureInfo.InvariantCulture)));
        }

        if (listing.Search.Length > 0)
        {
            query.Add(("search", listing.Search));
        }

        // The first page's link has never carried the order; the others would lead astray without it.
        if (listing.SortBy is not null && index > 0)
        {
            query.Add(("sortBy", listing.SortBy));
            if (listing.Descending)
            {
                query.Add(("descending", "true"));
            }
        }

        query.AddRange(more);
        return $"{Wire.Root}/{path}?{string.Join('&', query.Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value).Replace("%20", "+", StringComparison.Ordinal)}"))}";
    }
}
