using System.Globalization;

namespace Alidade.Storage.Platform;

/// <summary>Rows in pages along an order that ends with their id.</summary>
/// <param name="from">Tables.</param>
/// <param name="row">Alias of the table whose rows they are.</param>
public sealed class KeyedList(ISession read, Conditions where, Keyset order, string from, string row = "x")
{
    /// <param name="after"><see cref="PlaceOf(string)"/> of the last row of the page before; null for the first page.</param>
    public IReadOnlyList<T> Page<T>(string? after, int limit)
    {
        var (with, last, beyond) = after is null
            ? ("", "", "")
            : (
                $"WITH place AS ({Place(KeyPlace.Read(after, order))}) ",
                " CROSS JOIN place",
                $" AND {order.After("place")}"
            );
        return read.Query<T>(
            $"{with}SELECT {row}.* FROM {from}{last} WHERE {where.Sql}{beyond} ORDER BY {order.Order} LIMIT {limit}",
            where.Arguments
        );
    }

    /// <summary>What to call a page by that begins after this row as it stands now.</summary>
    public string PlaceOf(string id)
    {
        var keys = read.First<string>($"SELECT {order.Json(read.Dialect)} FROM {from} WHERE {Is(id)}", where.Arguments);
        return new KeyPlace(id, keys).Text(order);
    }

    /// <summary>As <see cref="PlaceOf(string)"/>, of a row with a number.</summary>
    public string PlaceOf(long id) => PlaceOf(id.ToString(CultureInfo.InvariantCulture));

    private string Place(KeyPlace place) =>
        place.Values(order) is { } keys
            ? Keyset.At(where, keys)
            : $"SELECT {order.Place} FROM {from} WHERE {Is(place.Row)}";

    private string Is(string id) =>
        $"{row}.id = {where.Parameter(order.EndsWithText ? id : long.Parse(id, CultureInfo.InvariantCulture))}";
}
