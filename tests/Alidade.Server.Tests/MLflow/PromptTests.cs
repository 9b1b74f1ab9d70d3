using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.MLflow;

/// <summary>Prompts of newer clients, which are models without files.</summary>
public sealed class PromptTests
{
    private static readonly object[] Marks =
    [
        new { key = "mlflow.prompt.is_prompt", value = "true" },
        new { key = "mlflow.prompt.text", value = "Hello {{name}}" },
    ];

    [Fact]
    public async Task A_prompt_is_kept_and_found_apart_from_models()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        await mlflow.PostAsync("registered-models/create", new { name = "model" });
        await mlflow.PostAsync("registered-models/create", new { name = "greeting", tags = Marks });
        await mlflow.PostAsync("model-versions/create", Version("dummy-source"));

        async Task<string> FindAsync(string filter)
        {
            var query = Uri.EscapeDataString($"tag.`mlflow.prompt.is_prompt` {filter}");
            var found = await mlflow.GetAsync($"registered-models/search?filter={query}");
            return string.Join(' ', found["registered_models"]!.AsArray().Select(m => (string?)m!["name"]));
        }

        Assert.Equal("greeting", await FindAsync("= 'true'"));
        Assert.Equal("model", await FindAsync("!= 'true'"));
        var version = (await mlflow.GetAsync("model-versions/get?name=greeting&version=1"))["model_version"]!;
        Assert.Contains(version["tags"]!.AsArray(), t => (string?)t!["value"] == "Hello {{name}}");
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://host/../x")]
    public async Task The_source_of_a_prompt_is_no_path(string source)
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Tracking = "anonymous" });
        using var http = server.NewClient();
        var mlflow = new TrackingClient(http);
        await mlflow.PostAsync("registered-models/create", new { name = "greeting", tags = Marks });

        var refusal = await mlflow.RefusedAsync("model-versions/create", Version(source));

        Assert.StartsWith("INVALID_PARAMETER_VALUE: Invalid model version source", refusal, StringComparison.Ordinal);
    }

    private static object Version(string source) =>
        new
        {
            name = "greeting",
            source,
            tags = Marks,
        };
}
