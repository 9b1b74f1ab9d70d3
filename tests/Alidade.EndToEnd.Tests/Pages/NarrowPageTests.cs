using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>Long names and small windows: everything stays where it can be seen and reached.</summary>
[Collection(nameof(PagesFixture))]
public sealed class NarrowPageTests(PagesFixture fixture)
{
    private static readonly string LongName = $"a-name-that-is-longer-than-any-column-{new string('z', 120)}";

    [Fact]
    public async Task A_long_comparison_begins_below_the_bar_and_scrolls_to_its_end()
    {
        using var api = await SignInAsync();
        var experiment = await NewExperimentAsync(api, "compared");
        var runs = new[] { await NewRunAsync(api, experiment, LongName), await NewRunAsync(api, experiment, "second") };
        foreach (var (run, i) in runs.Select((run, i) => (run, i)))
        {
            foreach (var key in Enumerable.Range(0, 60))
            {
                await CallAsync(
                    api,
                    "runs/log-parameter",
                    new
                    {
                        run_id = run,
                        key = $"key{key:00}",
                        value = $"{key}-{i}",
                    }
                );
            }
        }

        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        foreach (var width in (int[])[390, 1024, 1440])
        {
            await page.SetViewportSizeAsync(width, 768);
            await watched.GoAsync($"/experiments/{experiment}/compare?runs={string.Join(',', runs)}");
            var bar = await page.Locator("header.top").BoundingBoxAsync();
            var table = await page.Locator("main table").BoundingBoxAsync();
            Assert.True(table!.Y >= bar!.Y + bar.Height, $"{width}: the table begins at {table.Y}");
            var last = page.Locator("main tbody tr").Last;
            await last.ScrollIntoViewIfNeededAsync();
            await Assertions.Expect(last).ToBeInViewportAsync();
            if (width > 1000)
            {
                await Assertions.Expect(page.Locator("main thead th").Nth(1)).ToBeInViewportAsync();
            }
        }

        Assert.Empty(watched.Errors);
    }

    [Fact]
    public async Task A_run_on_a_phone_has_its_title_and_its_actions_on_the_screen()
    {
        using var api = await SignInAsync();
        var experiment = await NewExperimentAsync(api, "on a phone");
        var run = await NewRunAsync(api, experiment, LongName);
        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        await page.SetViewportSizeAsync(390, 844);
        foreach (var path in (string[])[$"/runs/{run}", $"/experiments/{experiment}", "/"])
        {
            await watched.GoAsync(path);
            var title = await page.Locator("h1").BoundingBoxAsync();
            Assert.True(title!.Width > 200, $"{path}: the title is {title.Width} wide");
            foreach (var action in await page.Locator(".head-actions .btn").AllAsync())
            {
                await Assertions.Expect(action).ToBeInViewportAsync(new() { Ratio = 1 });
            }

            Assert.Equal(
                0,
                await page.EvaluateAsync<int>(
                    "document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth"
                )
            );
        }

        Assert.Empty(watched.Errors);
    }

    [Fact]
    public async Task A_long_name_leaves_the_other_columns_on_the_screen_and_is_said_in_full()
    {
        using var api = await SignInAsync();
        var experiment = await NewExperimentAsync(api, "long names");
        await NewRunAsync(api, experiment, LongName);
        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        await page.SetViewportSizeAsync(1024, 768);
        await watched.GoAsync($"/experiments/{experiment}?layout=table");
        await Assertions.Expect(page.Locator("tbody .state")).ToBeInViewportAsync(new() { Ratio = 1 });
        var name = page.Locator("tbody .name a");
        await name.HoverAsync();
        await Assertions.Expect(name).ToHaveAttributeAsync("title", LongName);
        await Assertions.Expect(page.Locator("[data-part=count]")).ToHaveTextAsync("1 run");
        Assert.Empty(watched.Errors);
    }

    [Fact]
    public async Task The_files_of_a_run_go_by_folders_and_are_shown()
    {
        using var api = await SignInAsync();
        var experiment = await NewExperimentAsync(api, "files");
        var run = await NewRunAsync(api, experiment, "with files");
        var root = (await CallAsync(api, $"runs/get?run_id={run}"))["run"]!["info"]!["artifact_uri"]!.ToString();
        var folder = root["mlflow-artifacts:/".Length..].TrimStart('/');
        foreach (var (path, text) in new[] { ("notes/inner/one.txt", "first text"), ("top.txt", "upper text") })
        {
            using var body = new StringContent(text);
            using var put = await api.PutAsync(
                new Uri($"/api/2.0/mlflow-artifacts/artifacts/{folder}/{path}", UriKind.Relative),
                body
            );
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        }

        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        await watched.GoAsync($"/runs/{run}?view=artifacts");
        await Assertions.Expect(page.Locator("artifact-preview")).ToContainTextAsync("upper text");
        await page.GetByRole(AriaRole.Link, new() { Name = "notes/" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "inner/" }).ClickAsync();
        await Assertions.Expect(page.Locator("artifact-preview")).ToContainTextAsync("first text");
        await Assertions.Expect(page.Locator("tbody")).ToContainTextAsync("one.txt");
        Assert.Empty(watched.Errors);
    }

    private async Task<HttpClient> SignInAsync()
    {
        var api = new HttpClient { BaseAddress = fixture.Address };
        using var signedIn = await api.PostAsJsonAsync(
            "/api/v1/auth/login",
            new { username = PagesFixture.User, password = PagesFixture.Password }
        );
        Assert.True(signedIn.IsSuccessStatusCode);
        return api;
    }

    private static async Task<string> NewExperimentAsync(HttpClient api, string name) =>
        (string)(await CallAsync(api, "experiments/create", new { name }))["experiment_id"]!;

    private static async Task<string> NewRunAsync(HttpClient api, string experiment, string name) =>
        (string)
            (await CallAsync(api, "runs/create", new { experiment_id = experiment, run_name = name }))["run"]!["info"]![
                "run_id"
            ]!;

    private static async Task<JsonNode> CallAsync(HttpClient api, string path, object? body = null)
    {
        var address = new Uri($"/api/2.0/mlflow/{path}", UriKind.Relative);
        using var answer = body is null ? await api.GetAsync(address) : await api.PostAsJsonAsync(address, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
