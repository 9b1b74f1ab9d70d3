using System.Text.Json;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Postgres;
using Alidade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alidade.Bench.Servers;

/// <summary>The floor of everything that speaks HTTP: the same web server with one route that answers fixed bytes.</summary>
internal static class BareKestrel
{
    public const string Switch = "--bare-kestrel";
    public const string StoreSwitch = "--bare-store";

    private const string Ready = "bare server ready:";

    /// <param name="body">What it answers.</param>
    public static async Task<ChildServer> StartAsync(byte[] body)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, body);
        return await ChildServer.StartAsync(Environment.ProcessPath!, [Switch, file], Ready);
    }

    /// <summary>The floor of single writes: a row of a bare store, durable before the answer.</summary>
    /// <param name="postgres">A database to use instead of SQLite.</param>
    public static Task<ChildServer> StartWithStoreAsync(string? postgres = null) =>
        ChildServer.StartAsync(
            Environment.ProcessPath!,
            postgres is null ? [StoreSwitch] : [StoreSwitch, postgres],
            Ready
        );

    /// <summary>Serves until it is ended, in a process of its own.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var body = await File.ReadAllBytesAsync(arguments[0]);
        File.Delete(arguments[0]);
        var app = Build();
        app.MapGet(
            "/",
            (HttpContext context) =>
            {
                context.Response.ContentType = "application/json";
                context.Response.ContentLength = body.Length;
                return context.Response.Body.WriteAsync(body).AsTask();
            }
        );
        return await ServeAsync(app);
    }

    /// <summary>Takes a point in MLflow's words and writes it as one row, in a process of its own.</summary>
    public static async Task<int> RunWithStoreAsync(string[] arguments)
    {
        await using var source = new SqliteTestStore();
        await using var store = arguments is [var postgres]
            ? PostgresStore.Open(postgres, "series", new MonotonicClock(TimeProvider.System))
            : await source.OpenAsync("series");
        await store.WriteAsync(tx =>
            tx.Execute("CREATE TABLE bare_point (run TEXT, name TEXT, step BIGINT, time BIGINT, value REAL)")
        );
        var app = Build();
        app.MapPost(
            "/",
            async (HttpContext context) =>
            {
                var point = await JsonSerializer.DeserializeAsync<Point>(context.Request.Body, Json);
                await store.WriteAsync(
                    tx => tx.Execute("INSERT INTO bare_point VALUES (@RunId, @Key, @Step, @Timestamp, @Value)", point),
                    Lane.Bulk
                );
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{}");
            }
        );
        return await ServeAsync(app);
    }

    private static WebApplication Build()
    {
        // As our server: it would watch the current folder for a configuration, and be told of everything that is written
        // below it, by itself and by the server it is compared with.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        return builder.Build();
    }

    private static async Task<int> ServeAsync(WebApplication app)
    {
        await app.StartAsync();
        Console.WriteLine($"{Ready} {app.Urls.First()}");
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private sealed record Point(string RunId, string Key, double Value, long Timestamp, long Step);
}
