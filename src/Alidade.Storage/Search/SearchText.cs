using Alidade.Engine.Search;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Search;

/// <summary>
/// The folded texts of living resources that a search may look into, with their trigram index, changed in the transaction
/// that changes the resource.
/// </summary>
public static class SearchText
{
    /// <summary>The text of the resource's name, whatever its kind calls it.</summary>
    public const string Name = "name";

    public const string Description = "description";

    /// <summary>Puts these texts in the place of those that were there; what did not change is not written.</summary>
    public static void Set(ITransaction t, long resource, string kind, IReadOnlyList<(string Field, string Text)> texts)
    {
        var before = Of(t, resource).ToDictionary(row => row.Field);
        foreach (var (field, text) in texts)
        {
            if (before.Remove(field, out var old))
            {
                if (old.Text == TextFolding.Fold(text))
                {
                    continue;
                }

                Remove(t, old);
            }

            Add(t, resource, kind, field, text);
        }

        foreach (var gone in before.Values)
        {
            Remove(t, gone);
        }
    }

    public static void Clear(ITransaction t, long resource)
    {
        foreach (var row in Of(t, resource))
        {
            Remove(t, row);
        }
    }

    private static IReadOnlyList<Row> Of(ISession s, long resource) =>
        s.Query<Row>("SELECT * FROM search WHERE resource = @resource", new { resource });

    internal static void Add(ITransaction t, long resource, string kind, string field, string text)
    {
        var row = new
        {
            resource,
            kind,
            field,
            folded = TextFolding.Fold(text),
        };
        t.Execute("INSERT INTO search (resource, kind, field, text) VALUES (@resource, @kind, @field, @folded)", row);
        if (t.Dialect == Dialect.Sqlite)
        {
            t.Execute(
                "INSERT INTO search_index (rowid, kind, text) VALUES (last_insert_rowid(), substr(@kind, -3), @folded)",
                row
            );
        }
    }

    private static void Remove(ITransaction t, Row row)
    {
        if (t.Dialect == Dialect.Sqlite)
        {
            t.Execute(
                "INSERT INTO search_index (search_index, rowid, kind, text) VALUES ('delete', @Id, substr(@Kind, -3), @Text)",
                row
            );
        }

        t.Execute("DELETE FROM search WHERE resource = @Resource AND field = @Field", row);
    }

    private sealed record Row
    {
        public long Id { get; init; }
        public long Resource { get; init; }
        public string Kind { get; init; } = "";
        public string Field { get; init; } = "";
        public string Text { get; init; } = "";
    }
}
