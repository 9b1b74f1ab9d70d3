using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Configuration;
using Alidade.Server.Hosting;
using Alidade.Storage.Platform;
using Alidade.Testing;
using Microsoft.AspNetCore.Builder;

namespace Alidade.Server.Tests.Hosting;

/// <summary>The real server on a free port over an empty folder, on either database.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly DataFolder _data;

    private TestServer(TemporaryFolder folder, DataFolder data, WebApplication app)
    {
        _folder = folder;
        _data = data;
        App = app;
        Address = ServerHost.AddressOf(app);
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    public static async Task<TestServer> StartAsync(
        Dialect dialect = Dialect.Sqlite,
        Func<ServerOptions, ServerOptions>? change = null
    )
    {
        var folder = new TemporaryFolder();
        var options = new ServerOptions
        {
            Data = folder.Sub("data"),
            Workers = 0,
            Registration = "open",
            Http = new HttpOptions { Port = 0 },
            Store = new StoreOptions
            {
                Postgres = dialect == Dialect.Postgres ? await PostgresServer.NewMigratedDatabaseAsync() : null,
            },
        };
        options = change?.Invoke(options) ?? options;
        var data = DataFolder.Open(options.Data);
        var app = ServerHost.Build(options, data);
        await app.StartAsync();
        return new TestServer(folder, data, app);
    }

    /// <summary>A client that is not signed in, with cookies of its own.</summary>
    public HttpClient NewClient() =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                // A test may send what a well-behaved client would not.
                RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1,
            }
        )
        {
            BaseAddress = Address,
        };

    /// <summary>A client signed in as a new user; the first is admin of the public group.</summary>
    public async Task<HttpClient> SignInAsync(string username)
    {
        var client = NewClient();
        var password = "correct horse " + username;
        await client.SendAsync(
            HttpMethod.Post,
            "/api/v1/users",
            new
            {
                username,
                email = username + "@example.org",
                password,
                confirmPassword = password,
            },
            HttpStatusCode.OK
        );
        await client.SendAsync(HttpMethod.Post, "/api/v1/auth/login", new { username, password }, HttpStatusCode.OK);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        _data.Dispose();
        _folder.Dispose();
    }
}

/// <summary>Short calls that fail with what the server said.</summary>
public static class TestCalls
{
    /// <summary>The answer's JSON, once its status is the expected one.</summary>
    public static async Task<JsonNode> SendAsync(
        this HttpClient client,
        HttpMethod method,
        string path,
        object? body,
        HttpStatusCode expected
    )
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : JsonContent.Create(body),
        };
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    public static Task<JsonNode> GetJsonAsync(
        this HttpClient client,
        string path,
        HttpStatusCode expected = HttpStatusCode.OK
    ) => client.SendAsync(HttpMethod.Get, path, null, expected);

    public static Task<JsonNode> PostJsonAsync(
        this HttpClient client,
        string path,
        object? body,
        HttpStatusCode expected = HttpStatusCode.OK
    ) => client.SendAsync(HttpMethod.Post, path, body, expected);

    public static Task<JsonNode> PutJsonAsync(
        this HttpClient client,
        string path,
        object? body,
        HttpStatusCode expected = HttpStatusCode.OK
    ) => client.SendAsync(HttpMethod.Put, path, body, expected);

    public static Task<JsonNode> DeleteJsonAsync(
        this HttpClient client,
        string path,
        HttpStatusCode expected = HttpStatusCode.OK
    ) => client.SendAsync(HttpMethod.Delete, path, null, expected);

    public static long Id(this JsonNode answer) => answer["id"]!.GetValue<long>();
}
