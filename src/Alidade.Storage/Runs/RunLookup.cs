using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>Runs that stand alone, of all experiments of some groups, as people look for them.</summary>
public static class RunLookup
{
    /// <summary>So many characters of a name are in its index.</summary>
    private const int Indexed = 100;

    /// <summary>Comes after all that can stand in a text.</summary>
    private const string Last = "\U0010FFFF";

    private const string Alone = "r.own = 0 AND r.deleted IS NULL AND r.group_id = ANY(@Groups)";

    /// <summary>Those whose names begin so in any case, as the index finds them: by name.</summary>
    public static IReadOnlyList<string> ByName(ISession read, IReadOnlyList<long> groups, string begin, int most)
    {
        var name = $"substr(lower(r.name), 1, {Indexed})";
        var indexed = read.Dialect == Dialect.Postgres ? $"{name} COLLATE \"C\"" : name;
        return read.Query<string>(
            $"""
            SELECT r.id FROM run r
            WHERE {Alone} AND {indexed} >= lower(@Begin) AND {indexed} < lower(@Begin) || @Last
            ORDER BY {indexed} LIMIT {most}
            """,
            new
            {
                Groups = groups.ToArray(),
                Begin = begin,
                Last,
            }
        );
    }

    /// <param name="begin">Hexadecimal digits, lower case.</param>
    public static IReadOnlyList<string> ById(ISession read, IReadOnlyList<long> groups, string begin, int most) =>
        read.Query<string>(
            $"SELECT r.id FROM run r WHERE {Alone} AND r.id >= @Begin AND r.id < @Begin || 'g' ORDER BY r.id LIMIT {most}",
            new { Groups = groups.ToArray(), Begin = begin }
        );

    /// <summary>Those that their clients have not ended, the newest first.</summary>
    public static IReadOnlyList<string> Live(ISession read, IReadOnlyList<long> groups, int most) =>
        read.Query<string>(
            $"SELECT r.id FROM run r WHERE {Alone} AND r.status IN ('RUNNING', 'SCHEDULED') ORDER BY r.created DESC LIMIT {most}",
            new { Groups = groups.ToArray() }
        );

    public static long CountLive(ISession read, IReadOnlyList<long> groups) =>
        read.Scalar<long>(
            $"SELECT COUNT(*) FROM run r WHERE {Alone} AND r.status IN ('RUNNING', 'SCHEDULED')",
            new { Groups = groups.ToArray() }
        );
}
