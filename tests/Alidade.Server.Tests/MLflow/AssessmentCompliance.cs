using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.MLflow;

/// <summary>What clients from 3.0 on log about a trace, as MLflow's own tests go through it.</summary>
public abstract class AssessmentCompliance(Dialect dialect) : IAsyncLifetime
{
    private static readonly string Trace = "tr-" + new string('0', 32);
    private static readonly object Person = new { source_type = "HUMAN", source_id = "ada" };

    private TestServer _server = null!;
    private HttpClient _http = null!;

    private static string Assessments => $"/api/3.0/mlflow/traces/{Trace}/assessments";

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        _http = _server.NewClient();
        await SaveTraceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task One_that_overrides_another_stands_for_it_until_it_is_deleted()
    {
        var first = await CreateAsync(Feedback("good", 4));
        var second = await CreateAsync(Feedback("better", 3, overrides: Id(first)));

        Assert.Equal("ada", (string?)first["source"]!["source_id"]);
        Assert.Equal(4, (int)first["feedback"]!["value"]!["rating"]!);
        Assert.False((bool)(await GetAsync(Id(first)))["valid"]!);
        Assert.Equal(Id(first), (string?)second["overrides"]);
        for (var i = 0; i < 2; i++)
        {
            await _http.DeleteJsonAsync($"{Assessments}/{Id(second)}");
        }

        Assert.True((bool)(await GetAsync(Id(first)))["valid"]!);
        await _http.GetJsonAsync($"{Assessments}/{Id(second)}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Only_what_the_mask_names_changes_and_never_the_kind()
    {
        var made = await CreateAsync(Feedback("good", 4));
        var given = new
        {
            assessment_name = "renamed",
            feedback = new { value = 5 },
            rationale = "left out",
            metadata = new { version = "2" },
            source = new { source_type = "CODE" },
        };

        var changed = await UpdateAsync(Id(made), given, "assessmentName,feedback,metadata");
        await UpdateAsync(Id(made), new { expectation = new { value = 5 } }, "expectation", HttpStatusCode.BadRequest);
        await UpdateAsync(Id(made), given, "source", HttpStatusCode.BadRequest);

        Assert.Equal("renamed", (string?)changed["assessment_name"]);
        Assert.Equal(5, (int)changed["feedback"]!["value"]!);
        Assert.Equal("because", (string?)changed["rationale"]);
        Assert.Equal("HUMAN", (string?)changed["source"]!["source_type"]);
        Assert.Equal("""{"model":"m","version":"2"}""", changed["metadata"]!.ToJsonString());
        Assert.Equal(changed.ToJsonString(), (await GetAsync(Id(made))).ToJsonString());
    }

    [Fact]
    public async Task The_same_again_is_the_same_one()
    {
        var given = Feedback("good", 4, created: "2026-01-31T12:00:00.500Z");

        var first = await CreateAsync(given);
        var again = await CreateAsync(given);
        await CreateAsync(Feedback("other", 4));

        Assert.Equal(Id(first), Id(again));
        Assert.Equal("2026-01-31T12:00:00.500Z", (string?)again["create_time"]);
        Assert.Equal(["good", "other"], await NamesAsync());
    }

    [Fact]
    public async Task A_trace_brings_its_assessments_and_keeps_those_it_has()
    {
        await CreateAsync(Feedback("before", 1));
        for (var i = 0; i < 2; i++)
        {
            await SaveTraceAsync(Feedback("inside", 2, created: "2026-01-31T12:00:00Z"));
        }

        Assert.Equal(["before", "inside"], await NamesAsync());
    }

    [Fact]
    public async Task An_id_stands_once_and_its_change_outlives_the_trace_sent_again()
    {
        var given = Feedback("inside", 2, created: "2026-01-31T12:00:00Z", id: "a-mine");
        await SaveTraceAsync(given);
        await UpdateAsync("a-mine", new { assessment_name = "renamed" }, "assessment_name");

        await SaveTraceAsync(given, Feedback("twice", 3, id: "a-new"), Feedback("twice again", 4, id: "a-new"));

        Assert.Equal(["renamed", "twice"], await NamesAsync());
    }

    [Fact]
    public async Task All_that_are_acknowledged_at_the_same_moment_are_kept()
    {
        const int Writers = 24;
        var tags = $"/api/3.0/mlflow/traces/{Trace}/tags";

        await Task.WhenAll(
            Enumerable
                .Range(0, Writers)
                .SelectMany(i =>
                    new Task[]
                    {
                        CreateAsync(Feedback($"n{i:00}", i)),
                        _http.SendAsync(HttpMethod.Patch, tags, new { key = $"t{i}", value = "x" }, HttpStatusCode.OK),
                    }
                )
        );

        var trace = (await _http.GetJsonAsync($"/api/3.0/mlflow/traces/{Trace}"))["trace"]!["trace_info"]!;
        Assert.Equal(Enumerable.Range(0, Writers).Select(i => $"n{i:00}"), (await NamesAsync()).Order());
        Assert.Equal(Writers, trace["tags"]!.AsObject().Count(t => t.Key.StartsWith('t')));
    }

    [Fact]
    public async Task An_expectation_of_many_values_is_written_as_text()
    {
        var simple = await CreateAsync(new { assessment_name = "n", expectation = new { value = 2 } });
        var many = await CreateAsync(new { assessment_name = "m", expectation = new { value = new[] { 1, 2 } } });

        Assert.Equal(2, (int)simple["expectation"]!["value"]!);
        Assert.Equal("[1, 2]", (string?)many["expectation"]!["serialized_value"]!["value"]);
    }

    [Fact]
    public async Task What_is_no_assessment_is_refused()
    {
        object[] bad =
        [
            new { feedback = new { value = 1 } },
            new { assessment_name = "x" },
            new
            {
                assessment_name = "x",
                feedback = new { value = 1 },
                expectation = new { value = 1 },
            },
            Feedback("x", 1, created: "yesterday"),
            Feedback(new string('x', 251), 1),
            new { assessment_name = "x", feedback = new { value = new string('x', 70_000) } },
        ];
        foreach (var assessment in bad)
        {
            await _http.PostJsonAsync(Assessments, new { assessment }, HttpStatusCode.BadRequest);
        }

        var missing = await _http.PostJsonAsync(
            Assessments,
            new { assessment = Feedback("x", 1, overrides: "a-none") },
            HttpStatusCode.NotFound
        );
        await _http.PostJsonAsync(
            "/api/3.0/mlflow/traces/tr-none/assessments",
            new { assessment = Feedback("x", 1) },
            HttpStatusCode.NotFound
        );

        Assert.Contains("Assessment with ID 'a-none' not found", (string?)missing["message"], StringComparison.Ordinal);
        Assert.Empty(await NamesAsync());
    }

    [Fact]
    public async Task What_makes_the_trace_too_large_is_refused_whole()
    {
        var most = Enumerable.Range(0, 17).Select(i => Large($"n{i:00}", 60_000)).ToArray();
        await SaveTraceAsync(most);
        var last = await CreateAsync(Feedback("last", 1));
        var path = $"{Assessments}/{Id(last)}";
        var metadata = new { update_mask = "metadata", assessment = new { metadata = new { large = Text(60_000) } } };

        var refused = await _http.PostJsonAsync(
            Assessments,
            new { assessment = Large("x", 60_000) },
            HttpStatusCode.BadRequest
        );
        await _http.SendAsync(HttpMethod.Patch, path, metadata, HttpStatusCode.BadRequest);
        await SaveTraceAsync(HttpStatusCode.BadRequest, Large("y", 10), Large("z", 60_000));

        Assert.Equal("INVALID_PARAMETER_VALUE", (string?)refused["error_code"]);
        Assert.StartsWith(
            "'trace_info' exceeds the maximum length of 1048576 bytes",
            (string?)refused["message"],
            StringComparison.Ordinal
        );
        Assert.Equal(last.ToJsonString(), (await GetAsync(Id(last))).ToJsonString());
        Assert.Equal(18, (await NamesAsync()).Length);
        await _http.DeleteJsonAsync($"{Assessments}/a-n00");
        await CreateAsync(Large("x", 60_000));
    }

    private static object Large(string name, int length) =>
        new
        {
            assessment_id = $"a-{name}",
            assessment_name = name,
            feedback = new { value = Text(length) },
        };

    private static string Text(int length) => new('x', length);

    private static object Feedback(
        string name,
        int rating,
        string? overrides = null,
        string? created = null,
        string? id = null
    ) =>
        new
        {
            assessment_id = id,
            assessment_name = name,
            feedback = new { value = new { rating } },
            source = Person,
            rationale = "because",
            metadata = new { model = "m" },
            overrides,
            create_time = created,
        };

    private static string Id(JsonNode assessment) => (string)assessment["assessment_id"]!;

    private Task SaveTraceAsync(params object[] assessments) => SaveTraceAsync(HttpStatusCode.OK, assessments);

    private Task SaveTraceAsync(HttpStatusCode expected, params object[] assessments) =>
        _http.PostJsonAsync(
            "/api/3.0/mlflow/traces",
            new { trace = new { trace_info = new { trace_id = Trace, assessments } } },
            expected
        );

    private async Task<JsonNode> CreateAsync(object assessment) =>
        (await _http.PostJsonAsync(Assessments, new { assessment }))["assessment"]!;

    private async Task<JsonNode> GetAsync(string id) =>
        (await _http.GetJsonAsync($"{Assessments}/{id}"))["assessment"]!;

    private async Task<JsonNode> UpdateAsync(
        string id,
        object assessment,
        string mask,
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        var body = new { assessment, update_mask = mask };
        var answer = await _http.SendAsync(HttpMethod.Patch, $"{Assessments}/{id}", body, expected);
        return answer["assessment"] ?? answer;
    }

    private async Task<string[]> NamesAsync()
    {
        var trace = (await _http.GetJsonAsync($"/api/3.0/mlflow/traces/{Trace}"))["trace"]!["trace_info"]!;
        return [.. (trace["assessments"] as JsonArray ?? []).Select(a => (string)a!["assessment_name"]!)];
    }
}

public sealed class SqliteAssessmentTests() : AssessmentCompliance(Dialect.Sqlite);

public sealed class PostgresAssessmentTests() : AssessmentCompliance(Dialect.Postgres);
