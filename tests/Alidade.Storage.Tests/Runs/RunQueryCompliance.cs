using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Runs;

/// <summary>
/// Searches over so many runs that the ways to find them differ: looked at when few have a value, walked past otherwise.
/// </summary>
public abstract class RunQueryCompliance(ITestStore where) : IAsyncLifetime
{
    private const int Runs = 12_500;
    private const long Experiment = 7;
    private const long Group = 1;

    /// <summary>Ids that say nothing of the order in which the runs were made.</summary>
    private const string Id = "CAST(10000 + i * 7919 % 12500 AS TEXT)";

    private IStore _core = null!;

    public async ValueTask InitializeAsync()
    {
        _core = await where.OpenAsync();
        await _core.WriteAsync(t =>
        {
            Fill(
                t,
                $"""
                INSERT INTO run (id, experiment, group_id, user_id, name, status, created, started)
                SELECT {Id}, {Experiment}, {Group}, 1, CASE WHEN i % 2 = 0 THEN 'run ' || i END, 'FINISHED', i, i FROM n
                """
            );
            // All, some and few of the runs have the value 'yes'.
            foreach (var (name, yes) in new[] { ("all", "TRUE"), ("some", "i % 4 = 0"), ("few", "i % 1250 = 0") })
            {
                Fill(
                    t,
                    $"""
                    INSERT INTO run_parameter (run, name, value)
                    SELECT {Id}, '{name}', CASE WHEN {yes} THEN 'yes' ELSE 'no ' || i END FROM n
                    """
                );
            }

            // More runs than are sorted for a page agree in a value, a text and a number; some come before and after them.
            Fill(
                t,
                $"""
                INSERT INTO run_parameter (run, name, value, number)
                SELECT {Id}, 'tied', CASE WHEN i < 100 THEN '1' WHEN i < 12200 THEN '2' WHEN i < 12400 THEN '3' ELSE 'none' END,
                    CASE WHEN i < 100 THEN 1 WHEN i < 12200 THEN 2 WHEN i < 12400 THEN 3 END FROM n
                """
            );

            ParameterText.AddAll(t);
            return true;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _core.DisposeAsync();
        await where.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Finds_the_newest_however_many_runs_have_the_value()
    {
        await FindsAsync("12499 12498 12497", [Has("all")]);
        await FindsAsync("12496 12492 12488", [Has("some")]);
        await FindsAsync("11250 10000 8750", [Has("few")]);
        await FindsAsync("12496 12492 12488", [Has("all"), Has("some")]);
        await FindsAsync("10000 7500 5000", [Has("some"), Has("few"), Has("all")]);
        await FindsAsync("12499 12498 12497", [new RunNot(Has("some")), Has("all")]);
        await FindsAsync("", [Has("none"), Has("some")]);
    }

    [Fact]
    public async Task Finds_by_alternatives_only_runs_that_match_all_parts_of_one()
    {
        await FindsAsync("10000 7500 5000", [new RunAny([new RunAll([Has("some"), Has("few")]), Named("nothing")])]);
        await FindsAsync("12496 12492 12488", [new RunAny([new RunAll([Has("some"), Has("all")]), Has("few")])]);
        await FindsAsync("12496 12492 12488", [new RunAny([Has("some"), Named("nothing")])]);
    }

    [Fact]
    public async Task Goes_on_where_a_page_ended_along_any_order()
    {
        RunPredicate[] some = [Has("some")];
        await FindsAsync("12484 12480 12476", some, after: 12_488);

        RunOrder[] byValue = [new(RunField.Parameter, "few", Descending: true)];
        await FindsAsync("10000 7500 5000", some, byValue);
        await FindsAsync("2500 0 9996", some, byValue, after: 5_000);
    }

    [Fact]
    public async Task Finds_runs_by_the_name_they_have_and_by_the_one_they_are_given()
    {
        await FindsAsync("4712", [Named("run 4712")]);
        await FindsAsync("4713", [Named(IdText(4_713))]);
        await FindsAsync("", [Named("run 4713")]);
    }

    [Fact]
    public async Task Sorts_by_a_value_that_most_runs_have_and_newest_first_among_them()
    {
        RunOrder[] texts = [new(RunField.Parameter, "tied", Descending: false)];
        await FindsAsync("99 98 97", [], texts);
        await FindsAsync("0 12199 12198", [], texts, after: 1);
        await FindsAsync("4999 4998 4997", [], texts, after: 5_000);
        await FindsAsync("100 12399 12398", [], texts, after: 101);
        await FindsAsync("12200 12499 12498", [], texts, after: 12_201);
        await FindsAsync("12196 12192 12188", [Has("some")], texts, after: 12_199);

        RunOrder[] back = [new(RunField.Parameter, "tied", Descending: true)];
        await FindsAsync("12400 12399 12398", [], back, after: 12_401);
        await FindsAsync("12200 12199 12198", [], back, after: 12_201);
        await FindsAsync("100 99 98", [], back, after: 101);
    }

    [Fact]
    public async Task Sorts_by_a_number_that_most_runs_have_and_by_what_stands_behind_it()
    {
        RunOrder tied = new(RunField.Parameter, "tied", Descending: true, ByNumber: true);
        RunOrder created = new(RunField.Attribute, "created", Descending: true);
        await FindsAsync("12399 12398 12397", [], [tied, created]);
        await FindsAsync("12200 12199 12198", [], [tied, created], after: 12_201);
        await FindsAsync("100 99 98", [], [tied, created], after: 101);
        await FindsAsync("0 12499 12498", [], [tied, created], after: 1);

        // The same order where few runs are looked at; '2.0' is the number of '2'.
        await _core.WriteAsync(t =>
            t.Execute(
                "UPDATE run_parameter SET value = '2.0' WHERE run = @Run AND name = 'tied'",
                new { Run = IdText(5_000) }
            )
        );
        await FindsAsync("11250 10000 8750", [Has("few")], [tied, created]);
        await FindsAsync("5000 3750 2500", [Has("few")], [tied, created], after: 6_250);
        await FindsAsync("5000 4999 4998", [], [tied, created], after: 5_001);

        RunOrder oldest = new(RunField.Attribute, "start_time", Descending: false);
        await FindsAsync("12399 100 101", [], [tied, oldest], after: 12_398);

        // Within the tied runs by another value: texts, so 'no 9999' is the greatest.
        RunOrder some = new(RunField.Parameter, "some", Descending: true);
        await FindsAsync("12196 12192 12188", [], [tied, some], after: 12_201);
        await FindsAsync("9998 9997 9995", [], [tied, some], after: 9_999);

        RunOrder status = new(RunField.Attribute, "status", Descending: false);
        await FindsAsync("12199 12198 12197", [], [tied, status], after: 12_200);
    }

    [Fact]
    public async Task Takes_comparisons_of_one_number_together()
    {
        await FindsAsync("99 98 97", [Compared("tied", "<", 2), Compared("tied", ">", 0)]);
        await FindsAsync("12399 12398 12397", [Compared("tied", ">=", 2), Compared("tied", "<=", 3)]);
        await FindsAsync("12399 12398 12397", [Compared("tied", "!=", 2), Compared("tied", ">", 1)]);
        await FindsAsync("", [Compared("tied", ">", 2), Compared("tied", "<", 2)]);
        await FindsAsync("12199 12198 12197", [Compared("tied", "=", 2), new RunNot(Compared("tied", ">", 2))]);
    }

    [Fact]
    public async Task Finds_a_few_runs_of_an_experiment_along_a_value_that_many_others_have()
    {
        await _core.WriteAsync(t =>
        {
            foreach (var run in new[] { "1", "2", "3", "4" })
            {
                t.Execute(
                    "INSERT INTO run (id, experiment, group_id, user_id, status, created, started) VALUES (@run, 8, 1, 1, 'FINISHED', 1, 1)",
                    new { run }
                );
                RunStore.SetParameter(t, run, "all", run == "4" ? "no" : "yes");
            }

            return true;
        });
        var found = await _core.ReadAsync(s =>
            new RunQuery(s.Dialect, [8], [Group], Stage.Active, [], [new(RunField.Parameter, "all", true)]).Ids(
                s,
                "1",
                5
            )
        );
        Assert.Equal(["2", "3", "4"], found);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_page_begins_where_the_one_before_ended_although_its_last_run_moved_or_went(
        bool few,
        bool descending
    )
    {
        RunPredicate[] conditions = few ? [Has("few")] : [];
        RunOrder[] order =
        [
            new(RunField.Parameter, "tied", descending, ByNumber: true),
            new(RunField.Attribute, "run_name", Descending: true),
        ];
        var first = await PageAsync(null);
        var place = await _core.ReadAsync(s => Query(s).PlaceOf(s, first[^1]));
        var second = await PageAsync(place);
        await ChangeAsync("UPDATE run_parameter SET value = '4', number = 4 WHERE run = @run AND name = 'tied'");
        Assert.NotEqual(place, await _core.ReadAsync(s => Query(s).PlaceOf(s, first[^1])));
        Assert.Equal(second, (await PageAsync(place)).Except([first[^1]]));
        await ChangeAsync("UPDATE run_parameter SET value = 'done' WHERE run = @run AND name = 'few'");
        Assert.Equal(second, (await PageAsync(place)).Except([first[^1]]));
        foreach (var table in new[] { "run_parameter WHERE run", "run WHERE id" })
        {
            await ChangeAsync($"DELETE FROM {table} = @run");
        }

        Assert.Equal(second, await PageAsync(place));
        Assert.Equal(3, second.Count);

        RunQuery Query(ISession s) => new(s.Dialect, [Experiment], [Group], Stage.Active, conditions, order);
        Task<IReadOnlyList<string>> PageAsync(string? after) => _core.ReadAsync(s => Query(s).Ids(s, after, 3));
        Task<int> ChangeAsync(string sql) => _core.WriteAsync(t => t.Execute(sql, new { run = first[^1] }));
    }

    private static RunCondition Compared(string name, string comparator, double number) =>
        new(RunField.Parameter, name, comparator, BitConverter.Int64BitsToDouble((long)number));

    private static RunCondition Has(string name) => new(RunField.Parameter, name, "=", "yes");

    private static RunCondition Named(string name) => new(RunField.Attribute, "run_name", "=", name);

    private static string IdText(int run) => $"{10_000 + (run * 7_919 % Runs)}";

    private static int RunOf(string id) => Enumerable.Range(0, Runs).Single(run => IdText(run) == id);

    private async Task FindsAsync(
        string expected,
        RunPredicate[] conditions,
        RunOrder[]? order = null,
        int? after = null
    )
    {
        var found = await _core.ReadAsync(s =>
            new RunQuery(s.Dialect, [Experiment], [Group], Stage.Active, conditions, order ?? []).Ids(
                s,
                after is { } run ? IdText(run) : null,
                limit: 3
            )
        );
        Assert.Equal(expected, string.Join(' ', found.Select(RunOf)));
    }

    /// <param name="insert">A statement that reads <c>n(i)</c>, the numbers of the runs.</param>
    private static void Fill(ITransaction t, string insert)
    {
        var at = insert.IndexOf("SELECT", StringComparison.Ordinal);
        t.Execute(
            insert[..at]
                + $"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {Runs - 1}) "
                + insert[at..]
        );
    }
}

public sealed class SqliteRunQueryTests() : RunQueryCompliance(new SqliteTestStore());

public sealed class PostgresRunQueryTests() : RunQueryCompliance(new PostgresTestStore());
