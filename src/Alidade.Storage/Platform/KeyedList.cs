namespace Alidade.Storage.Platform;

/// <summary>Rows <c>x</c> with a numeric id, in pages along an order that ends with the id.</summary>
/// <param name="from">Tables, with the alias <c>x</c>.</param>
public sealed class KeyedList(ISession read, Conditions where, Keyset order, string from)
{
    /// <param name="after"><see cref="PlaceOf"/> of the last row of the page before; null for the first page.</param>
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
            $"{with}SELECT x.* FROM {from}{last} WHERE {where.Sql}{beyond} ORDER BY {order.Order} LIMIT {limit}",
            where.Arguments
        );
    }

    /// <summary>What to call a page by that begins after this row as it stands now.</summary>
    public string PlaceOf(long id)
    {
        var keys = read.First<string>(
            $"SELECT {order.Json(read.Dialect)} FROM {from} WHERE x.id = {where.Parameter(id)}",
            where.Arguments
        );
        return new KeyPlace(id.ToString(System.Globalization.CultureInfo.InvariantCulture), keys).Text(order);
    }

    private string Place(KeyPlace place) =>
        place.Values(order) is { } keys
            ? Keyset.At(where, keys)
            : $"SELECT {order.Place} FROM {from} WHERE x.id = {where.Parameter(long.Parse(place.Row, System.Globalization.CultureInfo.InvariantCulture))}";
}
