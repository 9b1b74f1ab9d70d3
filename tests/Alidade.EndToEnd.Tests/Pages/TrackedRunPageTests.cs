using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>A script logs over MLflow's protocol while somebody looks at its experiment.</summary>
[Collection(nameof(PagesFixture))]
public sealed class TrackedRunPageTests(PagesFixture fixture)
{
    [Fact]
    public async Task A_scripts_run_appears_grows_and_ends_in_an_open_table()
    {
        using var api = new HttpClient { BaseAddress = fixture.Address };
        using var signedIn = await api.PostAsJsonAsync(
            "/api/v1/auth/login",
            new { username = PagesFixture.User, password = PagesFixture.Password }
        );
        var experiment = (string)
            (await CallAsync("experiments/create", new { name = "watched script" }))["experiment_id"]!;
        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        await watched.GoAsync($"/experiments/{experiment}");
        await Assertions.Expect(page.Locator("live-source")).ToHaveTextAsync("Live");

        var run = (string)
            (await CallAsync("runs/create", new { experiment_id = experiment, run_name = "first" }))["run"]!["info"]![
                "run_id"
            ]!;
        await Assertions.Expect(page.Locator(".sheet tbody .state")).ToHaveTextAsync("Running");

        await LogAsync(0.25);
        await Assertions.Expect(page.Locator(".sheet tbody")).ToContainTextAsync("0.25");
        await LogAsync(0.75, step: 2);
        await Assertions.Expect(page.Locator(".sheet tbody")).ToContainTextAsync("0.75");

        await using var beside = await fixture.OpenSignedInAsync();
        await beside.GoAsync($"/runs/{run}");
        await Assertions.Expect(beside.Page.Locator("live-source")).ToHaveTextAsync("Live");
        await Assertions.Expect(beside.Page.Locator("metric-chart")).ToHaveCountAsync(1);
        await LogAsync(0.5, "loss");
        await Assertions.Expect(beside.Page.Locator("[data-part=numbers]")).ToContainTextAsync("loss");

        await using var home = await fixture.OpenSignedInAsync();
        await home.GoAsync("/");
        var live = home.Page.Locator("tr", new() { HasText = "watched script" }).Filter(new() { HasText = "first" });
        await Assertions.Expect(live).ToContainTextAsync("Running");
        await home.ShootAsync("home");

        await CallAsync("runs/update", new { run_id = run, status = "FINISHED" });
        await Assertions.Expect(live).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator(".sheet tbody .state")).ToHaveTextAsync("Finished");
        await Assertions.Expect(beside.Page.Locator("h1 ~ * .state, .head-line .state")).ToHaveTextAsync("Finished");
        await CallAsync("runs/delete", new { run_id = run });
        await Assertions.Expect(page.Locator(".sheet tbody .state")).ToHaveCountAsync(0);
        Assert.Empty(watched.Errors);

        Task<JsonNode> LogAsync(double value, string key = "accuracy", int step = 1) =>
            CallAsync(
                "runs/log-metric",
                new
                {
                    run_id = run,
                    key,
                    value,
                    timestamp = 1,
                    step,
                }
            );

        async Task<JsonNode> CallAsync(string path, object body)
        {
            using var answer = await api.PostAsJsonAsync($"/api/2.0/mlflow/{path}", body);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            return JsonNode.Parse(text)!;
        }
    }
}
