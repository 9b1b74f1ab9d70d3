using Microsoft.AspNetCore.Http.Extensions;

namespace Alidade.Server.Pages.Parts;

/// <summary>The address of a view: all of its state is in the query, so a link is the address with one thing changed.</summary>
public sealed record Address(string Path, IReadOnlyList<KeyValuePair<string, string>> Query)
{
    public static Address Of(HttpRequest request) =>
        new(
            request.PathBase + request.Path,
            [
                .. request.Query.SelectMany(pair =>
                    pair.Value.Select(value => KeyValuePair.Create(pair.Key, value ?? ""))
                ),
            ]
        );

    public string? this[string name] =>
        Query.LastOrDefault(pair => pair.Key == name).Value is { Length: > 0 } value ? value : null;

    /// <summary>With a value for this name, or without the name when the value is null.</summary>
    public Address With(string name, string? value)
    {
        var rest = Query.Where(pair => pair.Key != name).ToList();
        if (value is not null)
        {
            rest.Add(KeyValuePair.Create(name, value));
        }

        return this with
        {
            Query = rest,
        };
    }

    /// <summary>From the beginning of the list again, sorted by this column; a second time in the other direction.</summary>
    public Address SortedBy(string key)
    {
        var descending = this["sort"] == key && this["order"] != "desc";
        return With("sort", key).With("order", descending ? "desc" : null).With("index", null);
    }

    public override string ToString() => Path + new QueryBuilder(Query);
}
