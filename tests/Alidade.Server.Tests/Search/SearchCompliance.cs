using System.Text;
using Alidade.Engine.Search;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Testing;

namespace Alidade.Server.Tests.Search;

/// <summary>
/// Lists and searches of resources against a plain list in memory, alike on both databases: texts and patterns are drawn, few
/// matches and many, in every order, over one group and several.
/// </summary>
public abstract class SearchCompliance(ITestStore source) : IAsyncLifetime
{
    private const int Drawn = 150;

    /// <summary>More than a list reads before it goes along its order.</summary>
    private const int Alike = 1200;

    private static readonly string[] Pieces =
    [
        "a",
        "b",
        "Abc",
        "train",
        "É",
        "e\u0301t",
        "ﬁ",
        "漢字",
        "𝒜",
        "😀",
        "ß",
        "K",
        "%",
        "_",
        "/",
        "\\",
        "*",
        "?",
        "'",
        "\"",
        ",",
        ":",
        " ",
        "-",
        "\u0001",
        "\t",
    ];

    private static readonly ResourceKind Kind = ResourceKind.Entrypoint;

    private readonly List<Row> _rows = [];
    private readonly Caller _caller = new(
        1,
        "ada",
        new Dictionary<long, Role>
        {
            [1] = Role.Admin,
            [2] = Role.Admin,
            [3] = Role.Admin,
        }
    );
    private IStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await source.OpenAsync();
        var random = new Random(5);
        await _store.WriteAsync(t =>
        {
            _rows.Clear();
            t.Execute(
                "INSERT INTO user_account (username, email, password, created, modified, password_expires) VALUES ('ada', 'a@b', '', 1, 1, 1)"
            );
            foreach (var group in (string[])["one", "two", "three", "foreign"])
            {
                t.Execute(
                    "INSERT INTO user_group (name, creator_id, created, modified) VALUES (@group, 1, 1, 1)",
                    new { group }
                );
            }

            t.Execute(
                "INSERT INTO tag (group_id, owner_id, name, folded, created, modified) VALUES (1, 1, 'Red ﬁsh', 'red ﬁsh', 1, 1), (1, 1, 'blue', 'blue', 1, 1)"
            );
            var foreigner = _caller with { Groups = new Dictionary<long, Role> { [4] = Role.Admin } };
            for (var i = 0; i < Drawn + Alike; i++)
            {
                var row = i < Drawn ? Draw(random, i) : Repeat(i);
                var (id, _) = Resources.Create(t, Kind, _caller, row.Group, row.Content);
                if (row.Tag is { } tag)
                {
                    t.Execute("INSERT INTO resource_tag (resource_id, tag_id) VALUES (@id, @tag)", new { id, tag });
                }

                _rows.Add(row with { Id = id });
            }

            Resources.Create(t, Kind, foreigner, 4, new Content("train foreign", "train", new { }));
            if (t.Dialect == Dialect.Postgres)
            {
                // As the database itself does after a while: a plan without statistics takes a table for empty.
                t.Execute("ANALYZE (VERBOSE false)");
            }

            return true;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await source.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Finds_what_a_plain_look_at_every_row_finds()
    {
        var random = new Random(6);
        var (none, few) = (0, 0);
        for (var i = 0; i < 400; i++)
        {
            var terms = Enumerable.Range(0, random.Next(5) == 0 ? 2 : 1).Select(_ => Term(random)).ToList();
            var text = string.Join(", ", terms.Select(t => t.Text));
            var expected = _rows.Where(row => terms.TrueForAll(term => term.Holds(row))).Select(row => row.Id).ToList();

            var (rows, total) = await PageAsync(new Listing(text, PageLength: 1000));

            Assert.True(expected.Count == total, $"{text}: {total} instead of {expected.Count}");
            Assert.Equal(expected.Take(1000), rows);
            none += expected.Count == 0 ? 1 : 0;
            few += expected.Count is > 0 and < 100 ? 1 : 0;
        }

        Assert.InRange(none, 10, 300);
        Assert.InRange(few, 100, 390);
    }

    [Fact]
    public async Task Pages_in_every_order()
    {
        string[] searches = ["", "name:'many*'", "repeated", "tag:blue", "description:'*number 1?'", "bc"];
        foreach (var search in searches)
        {
            foreach (var key in (string?[])[null, "name", "lastModifiedOn", "description"])
            {
                foreach (var descending in (bool[])[false, true])
                {
                    foreach (var group in (long?[])[null, 2])
                    {
                        await PagesAsync(new Listing(search, group, key, descending, PageLength: 1000));
                    }
                }
            }
        }
    }

    private async Task PagesAsync(Listing listing)
    {
        var (first, total) = await PageAsync(listing);
        var (second, _) = await PageAsync(listing with { Index = 1000 });
        long[] all = [.. first, .. second];

        var expected = _rows.Where(r =>
            (listing.GroupId is null || r.Group == listing.GroupId) && Holds(listing.Search, r)
        );
        var ordered = listing.Descending
            ? expected.OrderByDescending(r => r.Key(listing.SortBy), ByCodePoints).ThenByDescending(r => r.Id)
            : expected.OrderBy(r => r.Key(listing.SortBy), ByCodePoints).ThenBy(r => r.Id);
        Assert.True(ordered.Select(r => r.Id).SequenceEqual(all), $"{listing}");
        Assert.Equal(all.Length, total);
        var (some, _) = await PageAsync(listing with { Index = 3, PageLength = 7 });
        Assert.Equal(all.Skip(3).Take(7), some);
    }

    [Fact]
    public async Task Follows_what_becomes_of_a_resource()
    {
        var id = _rows[0].Id;
        await _store.WriteAsync(t =>
        {
            var current = Resources.Get(t, Kind, _caller, id);
            return Resources.Revise(
                t,
                Kind,
                _caller,
                current,
                new Content("Umbenannt", null, new { }, [("task_graph", "a new graph")])
            );
        });
        Assert.Equal([id], (await PageAsync(new Listing("benann"))).Ids);
        Assert.Equal([id], (await PageAsync(new Listing("task_graph:'*NEW*'"))).Ids);
        Assert.Empty((await PageAsync(new Listing("name:'first of all'"))).Ids);

        await _store.WriteAsync(t =>
        {
            Resources.Delete(t, Kind, _caller, Resources.Get(t, Kind, _caller, id));
            return true;
        });
        Assert.Empty((await PageAsync(new Listing("benann"))).Ids);
    }

    [Fact]
    public async Task Finds_snapshots_by_what_they_held()
    {
        var id = _rows[0].Id;
        for (var i = 0; i < 5; i++)
        {
            await _store.WriteAsync(t =>
                Resources.Revise(
                    t,
                    Kind,
                    _caller,
                    Resources.Get(t, Kind, _caller, id),
                    new Content($"Été {i}", $"change {i}", new { })
                )
            );
        }

        Task<(IReadOnlyList<Versioned> Rows, long Total)> Snapshots(Listing listing) =>
            _store.ReadAsync(s => SnapshotLists.Page(s, Kind, _caller, id, listing));
        var (page, total) = await Snapshots(new Listing(Index: 2, PageLength: 3));
        Assert.Equal(("Été 1 Été 2 Été 3", 6), (string.Join(' ', page.Select(p => p.Name)), total));
        (page, total) = await Snapshots(new Listing("name:'ÉTÉ ?', change", Index: 4));
        Assert.Equal(("Été 4", 5), (string.Join(' ', page.Select(p => p.Name)), total));
    }

    [Fact]
    public async Task Says_where_it_cannot_be_read()
    {
        foreach (
            var (search, reason) in new[]
            {
                ("nme:x", "'nme' is not a valid field"),
                ("name:a, name:'b", "At character 14"),
                ("a-b", "At character 2"),
            }
        )
        {
            var refused = await Assert.ThrowsAsync<ApiException>(() => PageAsync(new Listing(search)));

            Assert.Equal(422, refused.Status);
            Assert.Contains(reason, refused.Detail.ToJsonString(Relaxed), StringComparison.Ordinal);
        }
    }

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private async Task<(IReadOnlyList<long> Ids, long Total)> PageAsync(Listing listing)
    {
        var (rows, total) = await _store.ReadAsync(s => ResourceLists.Page(s, Kind, _caller, listing));
        return ([.. rows.Select(r => r.Id)], total);
    }

    private static Row Draw(Random random, int i) =>
        new(
            0,
            1 + random.Next(3),
            i == 0 ? "first of all" : $"{Text(random, 5)}{i}",
            random.Next(4) == 0 ? null : Text(random, 8),
            random.Next(3) == 0 ? Text(random, 30) : "",
            random.Next(4) == 0 ? 1 : null
        );

    private static Row Repeat(int i) =>
        new(0, 1 + i % 3, $"Many {i * 7919 % 10007}", $"Repeated, number {i % 50}", "bcd", i % 2 == 0 ? 2 : null);

    private static string Text(Random random, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    /// <summary>A term with its meaning: pieces of a row's text with wildcards in it, in quotes.</summary>
    private Drawing Term(Random random)
    {
        var field = (string?[])[null, null, "name", "description", "task_graph", "tag"] is var fields
            ? fields[random.Next(fields.Length)]
            : null;
        var values = _rows[random.Next(Drawn)].Values(field).OfType<string>().Where(v => v.Length > 0).ToList();
        Rune[] text = [.. (values.Count == 0 ? "train" : values[random.Next(values.Count)]).EnumerateRunes()];
        var start = field is null || random.Next(3) == 0 ? random.Next(text.Length) : 0;
        var length = start == 0 && random.Next(3) == 0 ? text.Length : random.Next(1, text.Length - start + 1);
        var tokens = new List<SearchToken>();
        if (field is null || start > 0)
        {
            tokens.Add(SearchToken.AnyRun);
        }

        var written = new StringBuilder(field is not null && start > 0 ? "*" : "");
        foreach (var rune in text.AsSpan(start, length))
        {
            if (random.Next(12) == 0)
            {
                tokens.Add(SearchToken.AnyOne);
                written.Append('?');
                continue;
            }

            tokens.Add(new SearchToken(rune.ToString()));
            written
                .Append(rune.Value < 128 && "\\?*\"'".Contains((char)rune.Value, StringComparison.Ordinal) ? "\\" : "")
                .Append(rune);
        }

        if (field is null || start + length < text.Length)
        {
            tokens.Add(SearchToken.AnyRun);
            written.Append(field is null ? "" : "*");
        }

        return new Drawing(field, $"{(field is null ? "" : field + ":")}'{written}'", Joined(tokens));
    }

    private static List<SearchToken> Joined(List<SearchToken> tokens)
    {
        var joined = new List<SearchToken>();
        foreach (var token in tokens)
        {
            if (token.Text is { } text && joined.Count > 0 && joined[^1].Text is { } before)
            {
                joined[^1] = new SearchToken(before + text);
            }
            else
            {
                joined.Add(token);
            }
        }

        return joined;
    }

    private static bool Holds(string search, Row row) =>
        SearchParser
            .Parse(search)
            .Terms.All(term =>
                row.Values(term.Field).OfType<string>().Any(v => SearchPattern.Of(term).Matches(TextFolding.Fold(v)))
            );

    private static readonly Comparer<string> ByCodePoints = Comparer<string>.Create(
        (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))
    );

    private sealed record Drawing(string? Field, string Text, List<SearchToken> Pattern)
    {
        public bool Holds(Row row) =>
            row.Values(Field)
                .OfType<string>()
                .Any(v => SearchPattern.Of(new SearchTerm(Field, Pattern, 0)).Matches(TextFolding.Fold(v)));
    }

    private sealed record Row(long Id, long Group, string Name, string? Description, string Graph, long? Tag)
    {
        public Content Content => new(Name, Description, new { }, [("task_graph", Graph)]);

        public IEnumerable<string?> Values(string? field) =>
            field switch
            {
                "name" => [Name],
                "description" => [Description],
                "task_graph" => [Graph],
                "tag" => [TagName],
                _ => [Name, Description, Graph, TagName],
            };

        private string? TagName =>
            Tag switch
            {
                1 => "Red ﬁsh",
                2 => "blue",
                _ => null,
            };

        public string Key(string? key) =>
            key switch
            {
                "name" => TextFolding.Fold(Name),
                "description" => string.Concat((Description ?? "").EnumerateRunes().Take(100)),
                _ => "",
            };
    }
}

public sealed class SqliteSearchTests() : SearchCompliance(new SqliteTestStore());

public sealed class PostgresSearchTests() : SearchCompliance(new PostgresTestStore());
