using Alidade.Storage.Platform;

namespace Alidade.Storage.Search;

/// <summary>Brings the descriptions of a store that was there before the search table into it: SQL cannot fold them.</summary>
internal static class SearchMigration
{
    private const int Rows = 1000;

    public static void Run(ITransaction t)
    {
        for (long after = 0; ; )
        {
            var page = t.Query<Described>(
                $"""
                SELECT id, kind, description FROM resource
                WHERE id > @after AND description IS NOT NULL AND deleted IS NULL ORDER BY id LIMIT {Rows}
                """,
                new { after }
            );
            foreach (var row in page)
            {
                SearchText.Add(t, row.Id, row.Kind, SearchText.Description, row.Description);
            }

            if (page.Count < Rows)
            {
                return;
            }

            after = page[^1].Id;
        }
    }

    private sealed record Described
    {
        public long Id { get; init; }
        public string Kind { get; init; } = "";
        public string Description { get; init; } = "";
    }
}
