using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;

namespace Alidade.Conformance.Tests;

/// <summary>What real MLflow servers answered real clients, this server answers, on either database.</summary>
public sealed class MlflowTests
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2.17", Dialect.Sqlite)]
    [InlineData("3.11", Dialect.Sqlite)]
    [InlineData("3.11", Dialect.Postgres)]
    public async Task Answers_a_whole_script_as_recorded(string version, Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect, o => o with { Tracking = "anonymous" });
        using var client = server.NewClient();
        var ids = new MlflowIds();
        var differences = new List<string>();
        var mark = "";
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "MLflow", $"wire-{version}.jsonl")))
        {
            var exchange = JsonNode.Parse(line)!.AsObject();
            if (exchange["mark"] is { } next)
            {
                mark = next.GetValue<string>();
                continue;
            }

            foreach (var difference in await PlayAsync(client, exchange, ids))
            {
                differences.Add($"[{mark}] {exchange["method"]} {exchange["path"]}: {difference}");
            }
        }

        Assert.Empty(differences);
    }

    private static async Task<IReadOnlyList<string>> PlayAsync(HttpClient client, JsonObject exchange, MlflowIds ids)
    {
        var path = exchange["path"]!.GetValue<string>();
        using var request = new HttpRequestMessage(
            new HttpMethod(exchange["method"]!.GetValue<string>()),
            new Uri(ids.Target(path), UriKind.Relative)
        );
        if (exchange["body"] is { } body)
        {
            request.Content = new ByteArrayContent(Bytes(ids, body));
            var type = exchange["reqType"]?.GetValue<string>();
            request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        }

        using var response = await client.SendAsync(request, Limit);
        var text = await response.Content.ReadAsStringAsync(Limit);
        var expected = exchange["status"]!.GetValue<int>();
        if ((int)response.StatusCode != expected)
        {
            return [$"status {(int)response.StatusCode} instead of {expected}: {text}"];
        }

        var want = exchange["response"];
        var isFile = path.Contains("/mlflow-artifacts/artifacts/", StringComparison.Ordinal);
        if (isFile || want is not JsonObject { } wanted || wanted.ContainsKey("bytes"))
        {
            return [];
        }

        var got = JsonNode.Parse(text)!;
        if (expected >= 400)
        {
            return JsonNode.DeepEquals(wanted["error_code"], got["error_code"]) ? [] : [$"{got} instead of {want}"];
        }

        ids.TakeOver(want, got);
        return path.EndsWith("/experiments/search", StringComparison.Ordinal)
            ? []
            : [.. ids.Differences(want, got, "")];
    }

    private static byte[] Bytes(MlflowIds ids, JsonNode body) =>
        body is JsonObject { Count: 1 } file && file["bytes"] is { } length ? new byte[length.GetValue<int>()]
        : body.GetValueKind() == JsonValueKind.String ? Encoding.UTF8.GetBytes(body.GetValue<string>())
        : Encoding.UTF8.GetBytes(ids.Body(body).ToJsonString());
}
