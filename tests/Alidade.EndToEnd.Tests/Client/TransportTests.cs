using System.Net;
using Alidade.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alidade.EndToEnd.Tests.Client;

/// <summary>The client against a server that misbehaves on demand.</summary>
public sealed class TransportTests : IAsyncLifetime
{
    private readonly WebApplication _server;
    private readonly Dictionary<string, int> _calls = [];
    private RequestDelegate _answer = _ => Task.CompletedTask;
    private AlidadeClient? _client;

    public TransportTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(context =>
        {
            var call = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
            _calls[call] = _calls.GetValueOrDefault(call) + 1;
            return _answer(context);
        });
    }

    private AlidadeClient Client => _client!;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        var addresses = _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        _client = new AlidadeClient(new Uri(addresses.Addresses.Single()), new Credentials("secret", null));
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_read_is_repeated_until_the_server_recovers()
    {
        _answer = context =>
            _calls.Values.Sum() < 3 ? Status(context, 503) : Json(context, """{"id":7,"snapshot":9,"name":"q"}""");

        var queue = await Client.Queues.GetAsync(7);

        Assert.Equal(new Queue(7, 9, "q", null), queue);
        Assert.Equal(3, _calls["GET /api/v1/queues/7"]);
    }

    [Fact]
    public async Task A_write_is_sent_once()
    {
        _answer = context => Status(context, 503);

        var problem = await Assert.ThrowsAsync<ApiException>(() =>
            Client.Queues.CreateAsync(new QueueContent("q"), group: 1)
        );

        Assert.Equal(HttpStatusCode.ServiceUnavailable, problem.Status);
        Assert.Equal(1, _calls["POST /api/v1/queues/"]);
    }

    [Fact]
    public async Task Errors_by_field_keep_their_paths()
    {
        _answer = context =>
            Json(
                context,
                """{"errors":{"name":["Missing data for required field."],"parameters":{"0":{"parameterType":["Must be one of: string."]}}}}""",
                400
            );

        var problem = await Assert.ThrowsAsync<ApiException>(() =>
            Client.Queues.CreateAsync(new QueueContent("q"), group: 1)
        );

        Assert.Equal(["Missing data for required field."], problem.Fields["name"]);
        Assert.Equal(["Must be one of: string."], problem.Fields["parameters.0.parameterType"]);
        Assert.Contains("parameters.0.parameterType: Must be one of: string.", problem.Message);
    }

    [Fact]
    public async Task Errors_by_name_keep_name_and_message()
    {
        _answer = context =>
            Json(
                context,
                """{"error":"EntityExistsError","message":"Conflict - taken","detail":{},"originating_path":"/?"}""",
                409
            );

        var problem = await Assert.ThrowsAsync<ApiException>(() =>
            Client.Queues.CreateAsync(new QueueContent("q"), group: 1)
        );

        Assert.Equal(
            (HttpStatusCode.Conflict, "EntityExistsError", "Conflict - taken"),
            (problem.Status!.Value, problem.Error, problem.Message)
        );
    }

    [Fact]
    public async Task A_name_is_found_by_exact_text_over_all_pages()
    {
        _answer = context =>
            context.Request.Query["index"] == "0"
                ? Json(
                    context,
                    """{"index":0,"isComplete":false,"totalNumResults":2,"data":[{"id":1,"snapshot":1,"name":"It's"}]}"""
                )
                : Json(
                    context,
                    """{"index":1,"isComplete":true,"totalNumResults":2,"data":[{"id":2,"snapshot":2,"name":"it's"}]}"""
                );

        var queue = await Client.Queues.FindAsync("it's");

        Assert.Equal(2, queue!.Id);
        Assert.Contains(_calls.Keys, call => Uri.UnescapeDataString(call).Contains(@"search=name:'it\'s'"));
    }

    [Fact]
    public async Task Metrics_that_json_has_no_numbers_for_arrive()
    {
        _answer = context =>
            Json(context, """[{"name":"a","value":"nan"},{"name":"b","value":"-inf"},{"name":"c","value":0.5}]""");

        var values = (await Client.Jobs.MetricsAsync(1)).Select(metric => metric.Value);

        Assert.Equal([double.NaN, double.NegativeInfinity, 0.5], values);
    }

    [Fact]
    public async Task A_token_goes_with_every_call()
    {
        string? seen = null;
        _answer = context =>
        {
            seen = context.Request.Headers.Authorization;
            return Json(context, """{"id":1,"snapshot":1,"name":"q"}""");
        };

        await Client.Queues.GetAsync(1);

        Assert.Equal("Bearer secret", seen);
    }

    [Fact]
    public async Task No_answer_is_an_error_without_a_status()
    {
        await _server.StopAsync();

        var problem = await Assert.ThrowsAsync<ApiException>(() =>
            Client.Queues.CreateAsync(new QueueContent("q"), group: 1)
        );

        Assert.Null(problem.Status);
        Assert.Contains("No answer from", problem.Message);
    }

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task Json(HttpContext context, string body, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }
}
