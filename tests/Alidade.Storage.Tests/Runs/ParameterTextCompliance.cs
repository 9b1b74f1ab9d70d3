using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Runs;

/// <summary>Parts of values are found through an index that must follow every change of a parameter.</summary>
public abstract class ParameterTextCompliance(ITestStore where) : IAsyncLifetime
{
    private IStore _core = null!;

    public async ValueTask InitializeAsync()
    {
        _core = await where.OpenAsync();
        await _core.WriteAsync(t =>
        {
            foreach (var run in new[] { "1", "2", "3" })
            {
                RunStore.Insert(
                    t,
                    new RunRow
                    {
                        Id = run,
                        Experiment = 1,
                        GroupId = 1,
                        Status = "RUNNING",
                    }
                );
            }

            return true;
        });
        await SetAsync("1", "note", "A striped Zebra");
        await SetAsync("2", "note", "zebra\"crossing' 100% _");
        await SetAsync("3", "no", "a zebra elsewhere, 𝄞𝄞𝄞");
    }

    public async ValueTask DisposeAsync()
    {
        await _core.DisposeAsync();
        await where.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("LIKE", "%zebra%", "2")]
    [InlineData("ILIKE", "%zEBRA%", "1 2")]
    [InlineData("LIKE", "A striped Zebra", "1")]
    [InlineData("LIKE", "A %d Ze__a", "1")]
    [InlineData("LIKE", "%Ze_ra", "1")]
    [InlineData("LIKE", "%a\"cro%", "2")]
    [InlineData("LIKE", "%ng' 1%", "2")]
    [InlineData("LIKE", "%ze%", "2")]
    [InlineData("ILIKE", "%Z%", "1 2")]
    [InlineData("LIKE", "%", "1 2")]
    [InlineData("LIKE", "", "")]
    [InlineData("LIKE", "%horse%", "")]
    [InlineData("LIKE", "%zebra", "")]
    [InlineData("LIKE", "%zebra* OR a%", "")]
    public Task Finds_the_values_that_match_a_pattern(string comparator, string pattern, string expected) =>
        FindsAsync(expected, "note", comparator, pattern);

    [Fact]
    public async Task Knows_short_names_and_characters_beyond_the_basic_plane()
    {
        await FindsAsync("3", "no", "LIKE", "%zebra%");
        await FindsAsync("3", "no", "LIKE", "%𝄞𝄞𝄞");
        await FindsAsync("", "o", "LIKE", "%zebra%");
    }

    [Fact]
    public async Task Follows_values_that_change_and_go()
    {
        await SetAsync("1", "note", "a horse");
        await FindsAsync("2", "note", "ILIKE", "%zebra%");
        await FindsAsync("1", "note", "LIKE", "%horse%");
        await SetAsync("1", "note", "a horse");
        await FindsAsync("1", "note", "LIKE", "%horse%");

        await GiveAsync("2", "note", "a donkey");
        await FindsAsync("2", "note", "ILIKE", "%zebra%");

        await _core.WriteAsync(t =>
        {
            RunPurge.DeleteCore(t, "2");
            return true;
        });
        await SetAsync("2", "other", "a zebra again");
        await FindsAsync("", "note", "ILIKE", "%zebra%");
    }

    private Task<bool> SetAsync(string run, string name, string value) =>
        _core.WriteAsync(t =>
        {
            RunStore.SetParameter(t, run, name, value);
            return true;
        });

    private Task<bool> GiveAsync(string run, string name, string value) =>
        _core.WriteAsync(t =>
        {
            RunStore.SetGiven(t, run, new Dictionary<string, string?> { [name] = value });
            return true;
        });

    private async Task FindsAsync(string expected, string name, string comparator, string pattern)
    {
        RunCondition condition = new(RunField.Parameter, name, comparator, pattern);
        var found = await _core.ReadAsync(s =>
            new RunQuery(s.Dialect, [1], [1], Stage.Active, [condition], []).Ids(s, after: null, limit: 10)
        );
        Assert.Equal(expected, string.Join(' ', found));
    }
}

public sealed class SqliteParameterTextTests() : ParameterTextCompliance(new SqliteTestStore());

public sealed class PostgresParameterTextTests() : ParameterTextCompliance(new PostgresTestStore());
