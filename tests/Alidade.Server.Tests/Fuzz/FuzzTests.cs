using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.Fuzz;

/// <summary>
/// Every operation of our OpenAPI document with hostile values in body, path, query and headers: never a failure of the
/// server, always a reason, and a refused call leaves no row behind. ALIDADE_FUZZ_SEED repeats a run, and
/// ALIDADE_FUZZ_ROUNDS says how often each operation is attacked.
/// </summary>
[Trait("run", "soak")]
public sealed class FuzzTests
{
    private static readonly bool Soak = Environment.GetEnvironmentVariable("ALIDADE_SOAK") == "1";

    private static readonly int Seed =
        int.TryParse(Environment.GetEnvironmentVariable("ALIDADE_FUZZ_SEED"), out var given) ? given
        : Soak ? Random.Shared.Next()
        : 1;

    private static readonly int? Rounds = int.TryParse(
        Environment.GetEnvironmentVariable("ALIDADE_FUZZ_ROUNDS"),
        out var wanted
    )
        ? wanted
        : null;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(Dialect.Sqlite, 6, 500)]
    [InlineData(Dialect.Postgres, 2, 100)]
    public async Task No_request_makes_the_server_fail_or_leaves_half_of_itself(Dialect dialect, int quick, int soak)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"ALIDADE_FUZZ_SEED={Seed}");
        var rounds = Rounds ?? (Soak ? soak : quick);
        await using var victim = await Victim.StartAsync(await TestServer.StartAsync(dialect));
        var operations = Operation.Of(await victim.Member.GetJsonAsync("/openapi/v1.json"));
        var hostile = new Hostile(new Random(Seed), victim.Ids);
        var tables = await Tables.OfAsync(victim.Server.App.Services.GetRequiredService<Stores>());
        var failures = new List<string>();

        // What deletes comes last, so that there is something to attack until then.
        var rows = await tables.CountAsync();
        foreach (var operation in operations.OrderBy(o => o.Method == "DELETE"))
        {
            for (var round = 0; round < rounds; round++)
            {
                var outcome = await AttackAsync(victim, operation, hostile);
                failures.AddRange(outcome.Wrong);
                var before = rows;
                rows = await tables.CountAsync();
                failures.AddRange(outcome.IsRefused ? Tables.Changed(before, rows, outcome.Request) : []);
            }
        }

        Assert.True(failures.Count == 0, $"seed {Seed}\n" + string.Join('\n', failures.Take(40)));
        await victim.Member.GetJsonAsync("/health");
        await victim.Member.PostJsonAsync("/api/v1/queues", new { group = 1, name = "afterwards" });
    }

    private static async Task<Outcome> AttackAsync(Victim victim, Operation operation, Hostile hostile)
    {
        var body = operation.Fields is { } fields ? hostile.Body(fields) : null;
        using var request = new HttpRequestMessage(
            new HttpMethod(hostile.Method(operation.Method)),
            new Uri(
                victim.Server.Address.GetLeftPart(UriPartial.Authority) + hostile.Target(operation),
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
            )
        );
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (hostile.Type is { } type)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }
        }

        foreach (var (name, value) in hostile.Headers())
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var shown = $"{request.Method} {request.RequestUri!.OriginalString} {Short(body)}";
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var response = await victim
                .CallerOf(operation)
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return new Outcome(shown, response.StatusCode, await WrongAsync(shown, request, response, patience.Token));
        }
        catch (HttpRequestException) when (shown.Contains("%00", StringComparison.Ordinal) || request.Headers.Any())
        {
            // What is not even HTTP is refused at once; the connection may be closed before the body was taken.
            return new Outcome(shown, 0, []);
        }
        catch (HttpRequestException e)
        {
            return new Outcome(shown, 0, [$"{shown}: {e.Message} {e.InnerException?.Message}"]);
        }
        catch (OperationCanceledException)
        {
            return new Outcome(shown, 0, [$"{shown}: no answer within {Patience}"]);
        }
    }

    private static async Task<string[]> WrongAsync(
        string shown,
        HttpRequestMessage request,
        HttpResponseMessage response,
        CancellationToken cancellation
    )
    {
        var status = (int)response.StatusCode;
        if (status < 400 || request.Method == HttpMethod.Head)
        {
            return [];
        }

        var text = await response.Content.ReadAsStringAsync(cancellation);
        return IsPlainRefusal(request, status, text) ? []
            : status >= 500 ? [$"{shown}: {status} {text}"]
            : IsReason(text) || IsNoRequest(response, text) || !IsApi(request) ? []
            : [$"{shown}: {status} without a reason: '{text}'"];
    }

    /// <summary>The one answer above 499 that is no failure: MLflow's clients take it and send the file in one piece.</summary>
    private static bool IsPlainRefusal(HttpRequestMessage request, int status, string text) =>
        status == (int)HttpStatusCode.NotImplemented
        && request.RequestUri!.OriginalString.Contains("/mlflow-artifacts/", StringComparison.Ordinal)
        && IsReason(text)
        && (string?)JsonNode.Parse(text)!["error_code"] == "NOT_IMPLEMENTED";

    private static bool IsApi(HttpRequestMessage request) =>
        request.RequestUri!.OriginalString.Contains("/api/", StringComparison.Ordinal);

    /// <summary>What is not even HTTP is refused with a closed connection before any of our code sees it.</summary>
    private static bool IsNoRequest(HttpResponseMessage response, string text) =>
        text.Length == 0 && response.Headers.ConnectionClose == true;

    private static bool IsReason(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject answer
                && (answer["message"] ?? answer["errors"])?.ToString() is { Length: > 0 };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Short(byte[]? body) =>
        body is null ? "" : Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 200));

    private sealed record Outcome(string Request, HttpStatusCode Status, IReadOnlyList<string> Wrong)
    {
        public bool IsRefused => (int)Status is >= 400 and < 500;
    }
}
