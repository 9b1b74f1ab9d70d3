using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alidade.Storage.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>The pages that connect a script and show what it registered.</summary>
[Collection(nameof(PagesFixture))]
public sealed class RegistryPageTests(PagesFixture fixture)
{
    [Theory]
    [InlineData("light", 1280)]
    [InlineData("dark", 1440)]
    public async Task A_token_is_made_and_shown_once_in_the_lines_to_paste(string theme, int width)
    {
        await using var watched = await fixture.OpenSignedInAsync(theme, width);
        await watched.GoAsync("/connect?experiment=my digits");
        Assert.Contains(
            "MLFLOW_TRACKING_TOKEN=TOKEN",
            await watched.Page.InnerTextAsync("#lines"),
            StringComparison.Ordinal
        );
        await watched.Page.ClickAsync("button:has-text('Make a token')");
        var secret = await watched.Page.InnerTextAsync("#secret");
        var lines = await watched.Page.InnerTextAsync("#lines");
        await watched.ShootAsync($"connect-{theme}");

        Assert.Equal(
            [
                $"export MLFLOW_TRACKING_URI={fixture.Address.ToString().TrimEnd('/')}",
                $"export MLFLOW_TRACKING_TOKEN={secret}",
                "export MLFLOW_EXPERIMENT_NAME='my digits'",
            ],
            lines.Split('\n')
        );
        Assert.Empty(await Accessibility.ProblemsAsync(watched.Page));
        Assert.Empty(watched.Errors);
        using var script = new HttpClient { BaseAddress = fixture.Address };
        script.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        using var made = await script.PostAsJsonAsync("/api/2.0/mlflow/runs/create", new { experiment_id = "0" });
        Assert.True(made.IsSuccessStatusCode);
        using var refused = await script.GetAsync("/api/v1/queues");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
        await watched.GoAsync("/connect");
        Assert.Equal(0, await watched.Page.Locator("#secret").CountAsync());
    }

    [Theory]
    [InlineData("light", 1440)]
    [InlineData("dark", 1280)]
    public async Task A_model_shows_its_versions_aliases_and_lineage(string theme, int width)
    {
        var name = $"robust-{theme}";
        var (model, run) = await RegisterAsync(name);
        await using var watched = await fixture.OpenSignedInAsync(theme, width);
        foreach (var path in new[] { "/models", $"/models/{model}", $"/models/{model}/versions/2" })
        {
            await watched.GoAsync(path);
            Assert.Empty(await Accessibility.ProblemsAsync(watched.Page));
            await watched.ShootAsync($"{path.Trim('/').Replace('/', '-')}-{theme}");
        }

        var text = await watched.Page.InnerTextAsync("main");
        Assert.Contains("champion", text, StringComparison.Ordinal);
        Assert.Contains("missing robustness", text, StringComparison.Ordinal);
        Assert.Equal($"/runs/{run}", await watched.Page.GetAttributeAsync("section[aria-labelledby=made] a", "href"));
        Assert.Contains(
            "digits",
            await watched.Page.InnerTextAsync("section[aria-labelledby=data]"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "fairness",
            await watched.Page.InnerTextAsync("section[aria-labelledby=used]"),
            StringComparison.Ordinal
        );
        Assert.Empty(watched.Errors);
    }

    /// <summary>A model with two versions, made by a script's run and evaluated by another.</summary>
    private async Task<(long Model, string Run)> RegisterAsync(string name)
    {
        using var api = new HttpClient { BaseAddress = fixture.Address };
        await SendAsync(
            api,
            HttpMethod.Post,
            "/api/v1/auth/login",
            new { username = PagesFixture.User, password = PagesFixture.Password }
        );
        Task<JsonNode> Track(string call, object body) =>
            SendAsync(api, HttpMethod.Post, "/api/2.0/mlflow/" + call, body);
        async Task<string> RunAsync(string called) =>
            (await Track("runs/create", new { experiment_id = "0", run_name = called }))["run"]!["info"]![
                "run_id"
            ]!.ToString();

        var maker = await RunAsync("train");
        object[] datasets =
        [
            new
            {
                dataset = new
                {
                    name = "digits",
                    digest = "4f1c",
                    source_type = "http",
                    source = "http://example.org",
                },
            },
        ];
        await Track("runs/log-inputs", new { run_id = maker, datasets });
        await Track("registered-models/create", new { name, description = "Digits, trained against PGD." });
        foreach (var source in new[] { "a", "b" })
        {
            await Track(
                "model-versions/create",
                new
                {
                    name,
                    source = $"runs:/{maker}/{source}",
                    run_id = maker,
                    description = $"Try {source}",
                }
            );
        }

        var user = await RunAsync("evaluate");
        await Track(
            "runs/set-tag",
            new
            {
                run_id = user,
                key = "alidade.model_version",
                value = $"{name}/2",
            }
        );
        await Track(
            "runs/set-tag",
            new
            {
                run_id = user,
                key = "alidade.evaluation",
                value = "fairness",
            }
        );
        await Track("runs/update", new { run_id = user, status = "FINISHED" });
        var model = await fixture
            .Services.GetRequiredService<Stores>()
            .Core.ReadAsync(s =>
                s.Scalar<long>("SELECT id FROM resource WHERE kind = 'ml_model' AND name = @name", new { name })
            );
        var aliases = $"/api/v1/models/{model}/aliases";
        await SendAsync(api, HttpMethod.Put, $"{aliases}/champion", new { version = 1 });
        await SendAsync(api, HttpMethod.Put, $"{aliases}/champion", new { version = 2 });
        await SendAsync(
            api,
            HttpMethod.Put,
            $"{aliases}/production/gate",
            new { evaluations = new[] { "robustness", "fairness" } }
        );
        return (model, maker);
    }

    private static async Task<JsonNode> SendAsync(HttpClient api, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var answer = await api.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return JsonNode.Parse(text)!;
    }
}
