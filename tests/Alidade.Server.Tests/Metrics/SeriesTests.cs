using System.Buffers.Binary;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.MLflow;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Metrics;

/// <summary>Series over HTTP: for charts, to the last point, since a cursor, and as they come.</summary>
public abstract class SeriesTests(Dialect dialect) : IAsyncLifetime
{
    private const int Count = 20_000;
    private TestServer _server = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(dialect);
        _http = await _server.SignInAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Many_series_come_in_one_answer_thinned_or_whole_in_both_forms()
    {
        var job = await _server.NewJobAsync(_http);
        var script = await new TrackingClient(_http).RunAsync("0");
        await AppendAsync(job.Run, Enumerable.Range(0, Count).Select(i => Point("loss", i)));
        await AppendAsync(job.Run, [Point("acc", 3), new MetricPoint("acc", 4, 4, double.PositiveInfinity)]);
        await AppendAsync(script, Enumerable.Range(0, 10).Select(i => Point("loss", i)));
        await CompactAsync(job.Run);
        var query = $"/api/v1/series?jobs={job.Id}&runs={script}&points=400";

        var answer = await _http.GetJsonAsync(query);
        var series = answer["series"]!.AsArray();
        Assert.Equal([$"acc {job.Id}", $"loss {job.Id}", "loss "], series.Select(s => $"{s!["name"]} {s["job"]}"));
        Assert.Equal("inf", series[0]!["values"]![1]!.GetValue<string>());
        Assert.Equal([true, false, true], series.Select(s => s!["whole"]!.GetValue<bool>()));
        Assert.Equal(Count, series[1]!["count"]!.GetValue<int>());
        Assert.InRange(series[1]!["steps"]!.AsArray().Count, 100, 500);

        var bytes = await _http.GetByteArrayAsync(query + "&format=binary");
        var (head, columns) = Parse(bytes);
        Assert.Equal(answer["cursor"]!.GetValue<string>(), head["cursor"]!.GetValue<string>());
        var loss = series[1]!;
        Assert.Equal(Numbers(loss["steps"]!), columns[1].Steps);
        Assert.Equal(Numbers(loss["times"]!), columns[1].Times);
        Assert.Equal(Numbers(loss["values"]!), columns[1].Values);

        var close = await _http.GetJsonAsync($"{query}&names=loss&from=1000&to=1099");
        Assert.Equal(Enumerable.Range(1000, 100).Select(i => (double)i), Numbers(close["series"]![0]!["steps"]!));
        Assert.True(close["series"]![0]!["whole"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_series_is_read_to_its_last_point_in_pages_by_us_and_by_mlflow()
    {
        var tracking = new TrackingClient(_http);
        var run = await tracking.RunAsync("0");
        await AppendAsync(run, Enumerable.Range(0, 9000).Select(i => Point("m", i)));
        await CompactAsync(run);
        await AppendAsync(run, Enumerable.Range(8990, 60).Select(i => Point("m", i)));

        var steps = new List<double>();
        string? next = null;
        do
        {
            var after = next is null ? "" : $"&after={Uri.EscapeDataString(next)}";
            var page = await _http.GetJsonAsync($"/api/v1/series/points?run={run}&name=m&limit=4000{after}");
            steps.AddRange(Numbers(page["series"]![0]!["steps"]!));
            next = page["next"]?.GetValue<string>();
        } while (next is not null);
        Assert.Equal(Enumerable.Range(0, 9050).Select(i => (double)i), steps);

        var times = new List<long>();
        var token = "";
        do
        {
            var page = await tracking.GetAsync(
                $"metrics/get-history?run_id={run}&metric_key=m&max_results=4000&page_token={Uri.EscapeDataString(token)}"
            );
            times.AddRange((page["metrics"]?.AsArray() ?? []).Select(m => m!["timestamp"]!.GetValue<long>()));
            token = page["next_page_token"]?.GetValue<string>() ?? "";
        } while (token.Length > 0);
        Assert.Equal(Enumerable.Range(0, 9050).Select(i => (long)i), times);

        var sampled = await _http.GetJsonAsync(
            $"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={run}&metric_key=m"
                + "&start_step=0&end_step=9&max_results=5"
        );
        Assert.Equal([0, 2, 4, 6, 8, 9], sampled["metrics"]!.AsArray().Select(m => m!["step"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_cursor_brings_what_has_come_since_and_nothing_else()
    {
        var job = await _server.NewJobAsync(_http);
        await AppendAsync(job.Run, [Point("loss", 1), Point("loss", 2)]);
        var query = $"/api/v1/series?jobs={job.Id}";
        var cursor = (await _http.GetJsonAsync(query))["cursor"]!.GetValue<string>();
        Assert.Empty((await _http.GetJsonAsync($"{query}&cursor={cursor}"))["series"]!.AsArray());

        // Neither compaction nor an earlier step hides it.
        await AppendAsync(job.Run, [Point("loss", 0), Point("acc", 7)]);
        await CompactAsync(job.Run);
        var delta = await _http.GetJsonAsync($"{query}&cursor={cursor}");
        Assert.True(delta["delta"]!.GetValue<bool>());
        Assert.Equal(
            ["acc [7]", "loss [0]"],
            delta["series"]!.AsArray().Select(s => $"{s!["name"]} {s["steps"]!.ToJsonString()}")
        );

        var other = await _server.NewJobAsync(_http);
        var refused = await _http.GetJsonAsync(
            $"/api/v1/series?jobs={other.Id}&cursor={cursor}",
            HttpStatusCode.BadRequest
        );
        Assert.Contains("Leave it out", refused["errors"]!["cursor"]!.ToJsonString());
    }

    [Fact]
    public async Task Points_come_as_events_and_a_reader_that_comes_back_misses_none()
    {
        var tracking = new TrackingClient(_http);
        var run = await tracking.RunAsync("0");
        await tracking.LogAsync(run, "m", 1.5, step: 1);
        string cursor;
        await using (var events = await FollowAsync(run, null))
        {
            Assert.Equal("1", await events.NextAsync());
            await tracking.LogAsync(run, "m", 2.5, step: 2);
            Assert.Equal("2", await events.NextAsync());
            cursor = events.Cursor;
        }

        await tracking.LogAsync(run, "m", 3.5, step: 3);
        await using var again = await FollowAsync(run, cursor);
        Assert.Equal("3", await again.NextAsync());
    }

    [Theory]
    [InlineData("", "jobs")]
    [InlineData("?jobs=J&points=3", "points")]
    [InlineData("?jobs=J&axis=epoch", "axis")]
    [InlineData("?jobs=J&format=xml", "format")]
    [InlineData("?jobs=J&cursor=nonsense", "cursor")]
    [InlineData("/points?name=loss", "job")]
    [InlineData("/points?job=J&name=loss&limit=0", "limit")]
    [InlineData("/points?job=J&name=loss&after=1:2", "after")]
    [InlineData("/live?jobs=J&format=binary", "format")]
    public async Task Wrong_questions_are_told_what_is_wrong(string query, string field)
    {
        var job = await _server.NewJobAsync(_http);
        var answer = await _http.GetJsonAsync(
            "/api/v1/series" + query.Replace("=J", $"={job.Id}", StringComparison.Ordinal),
            HttpStatusCode.BadRequest
        );
        Assert.NotNull(answer["errors"]![field]);
    }

    [Fact]
    public async Task What_is_not_there_or_of_another_group_is_not_found()
    {
        var job = await _server.NewJobAsync(_http);
        await _http.GetJsonAsync("/api/v1/series?jobs=999999", HttpStatusCode.NotFound);
        await _http.GetJsonAsync($"/api/v1/series?runs={new string('a', 32)}", HttpStatusCode.NotFound);
        await _http.GetJsonAsync($"/api/v1/series/points?job={job.Id}&name=no", HttpStatusCode.NotFound);
        var group = (await _http.PostJsonAsync("/api/v1/groups", new { name = "closed" })).Id();
        var closed = await _server.NewJobAsync(_http, group);
        using var stranger = await _server.SignInAsync("eve");
        await stranger.GetJsonAsync($"/api/v1/series?jobs={closed.Id}", HttpStatusCode.NotFound);
        await stranger.GetJsonAsync($"/api/v1/series?runs={closed.Run}", HttpStatusCode.NotFound);
        await stranger.GetJsonAsync($"/api/v1/series/live?runs={closed.Run}", HttpStatusCode.NotFound);
    }

    private static MetricPoint Point(string name, int step) => new(name, step, step * 1000L, Math.Sin(step));

    private static double[] Numbers(JsonNode column) => [.. column.AsArray().Select(v => v!.GetValue<double>())];

    private static (JsonNode Head, List<(double[] Steps, double[] Times, double[] Values)> Columns) Parse(byte[] bytes)
    {
        Assert.Equal("ALIDSER1", Encoding.ASCII.GetString(bytes, 0, 8));
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        var head = JsonNode.Parse(Encoding.UTF8.GetString(bytes, 16, length))!;
        var numbers = MemoryMarshal.Cast<byte, double>(bytes.AsSpan(16 + length)).ToArray();
        var columns = new List<(double[], double[], double[])>();
        var at = 0;
        foreach (var series in head["series"]!.AsArray())
        {
            var points = series!["points"]!.GetValue<int>();
            columns.Add((Next(points), Next(points), Next(points)));
        }

        Assert.Equal(numbers.Length, at);
        return (head, columns);

        double[] Next(int count) => numbers[at..(at += count)];
    }

    private Task<bool> AppendAsync(string run, IEnumerable<MetricPoint> points) =>
        _server
            .Service<Stores>()
            .Series.WriteAsync(tx =>
            {
                MetricWriter.Append(tx, run, [.. points]);
                return true;
            });

    private async Task CompactAsync(string run)
    {
        while (await Compaction.StepAsync(_server.Service<Stores>().Series, run))
        {
            continue;
        }
    }

    private async Task<Followed> FollowAsync(string run, string? cursor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/series/live?runs={run}");
        if (cursor is not null)
        {
            request.Headers.Add("Last-Event-ID", cursor);
        }

        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new Followed(response, await response.Content.ReadAsStreamAsync());
    }

    private sealed class Followed(HttpResponseMessage response, Stream stream) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> _events = SseParser
            .Create(stream)
            .EnumerateAsync()
            .GetAsyncEnumerator();

        public string Cursor { get; private set; } = "";

        /// <summary>The steps of the next event.</summary>
        public async Task<string> NextAsync()
        {
            while (await _events.MoveNextAsync())
            {
                if (_events.Current.EventType == "series")
                {
                    Cursor = _events.Current.EventId!;
                    return string.Join(' ', Numbers(JsonNode.Parse(_events.Current.Data)!["series"]![0]!["steps"]!));
                }
            }

            throw new InvalidOperationException("The events ended.");
        }

        public async ValueTask DisposeAsync()
        {
            await _events.DisposeAsync();
            response.Dispose();
        }
    }
}

public sealed class SqliteSeriesTests() : SeriesTests(Dialect.Sqlite);

public sealed class PostgresSeriesTests() : SeriesTests(Dialect.Postgres);
