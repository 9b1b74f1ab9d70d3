using Microsoft.Playwright;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>From the form to the job's page and its end, with no worker there.</summary>
[Collection(nameof(PagesFixture))]
public sealed class SubmitTests(PagesFixture fixture)
{
    [Fact]
    public async Task A_job_is_submitted_from_a_form_that_says_what_is_wrong_and_why_it_waits()
    {
        var sample = await Sample.CreateAsync(fixture.Address, "form");
        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        await watched.GoAsync($"/experiments/{sample.Experiment}/submit?entrypoint={sample.Entrypoint}");
        Assert.Contains("No worker watches form-queue", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Equal("0.3", await page.InputValueAsync("[name='p.eps']"));

        await page.FillAsync("[name='p.eps']", "strong");
        await page.FillAsync("#description", "hard one");
        var refused = await page.RunAndWaitForResponseAsync(
            () => page.ClickAsync("button:has-text('Submit job')"),
            r => r.Request.Method == "POST"
        );
        Assert.Equal(422, refused.Status);
        Assert.Contains(
            "eps must be of type float",
            await page.InnerTextAsync("[id='p.eps-note']"),
            StringComparison.Ordinal
        );
        Assert.Equal("strong", await page.InputValueAsync("[name='p.eps']"));
        Assert.Equal("hard one", await page.InputValueAsync("#description"));

        await page.FillAsync("[name='p.eps']", "0.5");
        await page.ClickAsync("button:has-text('Submit job')");
        await watched.ArrivedAsync("/jobs/*");
        Assert.Equal("hard one", await page.InnerTextAsync("h1"));
        Assert.Contains("No worker watches", await page.InnerTextAsync(".notice"), StringComparison.Ordinal);

        await page.ClickAsync("[data-opens='stop-job']");
        await page.ClickAsync("dialog button:has-text('Stop job')");
        await Assertions.Expect(page.Locator(".pill")).ToHaveTextAsync("Cancelled");

        await page.ClickAsync("a:has-text('Submit again')");
        Assert.Equal("0.5", await page.InputValueAsync("[name='p.eps']"));
        Assert.Equal("hard one", await page.InputValueAsync("#description"));
        Assert.Empty(watched.Errors);
    }

    [Fact]
    public async Task A_form_says_where_and_when_its_job_runs()
    {
        var sample = await Sample.CreateAsync(fixture.Address, "needs");
        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        await watched.GoAsync($"/experiments/{sample.Experiment}/submit?entrypoint={sample.Entrypoint}");
        await page.ClickAsync("summary:has-text('Where and when it runs')");
        await page.FillAsync("[name='resources.memory']", "plenty");
        await page.FillAsync("[name='resources.cpu']", "0.5");
        await page.FillAsync("#labels", "zone=eu, fast");
        await page.FillAsync("#priority", "3");
        await page.FillAsync("#after", "soon");
        await page.ClickAsync("button:has-text('Submit job')");
        await Assertions
            .Expect(page.Locator(".error:visible"))
            .ToHaveTextAsync(["'plenty' is no amount: write 4GiB.", "'soon' is no job's number: write 120, 121."]);

        await page.Locator("#notAfter").ScrollIntoViewIfNeededAsync();
        await watched.ShootAsync("submit-needs");
        await page.FillAsync("[name='resources.memory']", "2GiB");
        await page.FillAsync("#after", "");
        await page.ClickAsync("button:has-text('Submit job')");
        await watched.ArrivedAsync("/jobs/*");
        var job = await sample.JobAsync(page.Url.Split('/')[^1]);
        Assert.Equal("""{"cpu":0.5,"memory":2147483648,"gpus":0}""", job["resources"]!.ToJsonString());
        Assert.Equal("""{"fast":"","zone":"eu"}""", job["labels"]!.ToJsonString());
        Assert.Equal(3, (int)job["priority"]!);

        await page.ClickAsync("[data-opens='stop-job']");
        await page.ClickAsync("dialog button:has-text('Stop job')");
        await page.ClickAsync("a:has-text('Submit again')");
        Assert.Equal("fast, zone=eu", await page.InputValueAsync("#labels"));
        Assert.Equal("2GiB", await page.InputValueAsync("[name='resources.memory']"));
    }

    [Fact]
    public async Task An_open_page_follows_its_job()
    {
        var sample = await Sample.CreateAsync(fixture.Address, "live");
        var job = await sample.SubmitAsync(0.1);
        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        await watched.GoAsync($"/jobs/{job}");
        await Assertions.Expect(page.Locator(".pill")).ToHaveTextAsync("Queued");
        await Assertions.Expect(page.Locator("live-source")).ToHaveTextAsync("Live");
        Assert.Equal(["strike", "again"], await page.Locator(".node-name").AllInnerTextsAsync());

        await sample.CancelAsync(job);
        await Assertions.Expect(page.Locator(".pill")).ToHaveTextAsync("Cancelled");
        await Assertions.Expect(page.Locator("live-source")).ToHaveCountAsync(0);
        Assert.Empty(watched.Errors);
    }

    [Fact]
    public async Task Jobs_stand_side_by_side_sorted_and_charted_by_their_address()
    {
        var sample = await Sample.CreateAsync(fixture.Address, "side");
        foreach (var (eps, accuracy) in new[] { (0.1, 0.9), (0.2, 0.4), (0.3, 0.7) })
        {
            var job = await sample.SubmitAsync(eps);
            await sample.MeasureAsync(job, "accuracy", accuracy / 2, 1);
            await sample.MeasureAsync(job, "accuracy", accuracy, 2);
        }

        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        await watched.GoAsync($"/experiments/{sample.Experiment}");
        var heads = await page.Locator(".sheet thead tr:last-child th a").AllInnerTextsAsync();
        Assert.Contains("eps", heads);
        Assert.DoesNotContain("steps", heads);
        Assert.Contains("1 column hidden: same in all", await page.InnerTextAsync(".foot"), StringComparison.Ordinal);

        await page.ClickAsync(".sheet th a:has-text('accuracy')");
        await watched.ArrivedAsync("*sort=metrics.accuracy*");
        Assert.Equal(["0.4000", "0.7000", "0.9000"], await ColumnAsync(page));
        await page.ClickAsync(".sheet th a:has-text('accuracy')");
        await watched.ArrivedAsync("*order=desc*");
        Assert.Equal(["0.9000", "0.7000", "0.4000"], await ColumnAsync(page));

        await Assertions
            .Expect(page.Locator("metric-chart .chart-plot"))
            .ToHaveAttributeAsync(
                "aria-label",
                new System.Text.RegularExpressions.Regex("accuracy by step: .*0\\.9000")
            );
        await page.Locator("tbody input[type=checkbox]").First.UncheckAsync();
        Assert.Matches("chart=[0-9]+-2%2C[0-9]+-3$|chart=[0-9]+-[0-9]%2C[0-9]+-[0-9]$", page.Url);
        await page.ReloadAsync();
        Assert.Equal(2, await page.Locator("tr[aria-selected=true]").CountAsync());

        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("x");
        Assert.Equal(3, await page.Locator("tr[aria-selected=true]").CountAsync());

        await page.ClickAsync("[data-compare]");
        await watched.ArrivedAsync("*/compare?runs=*");
        Assert.Equal("3 runs compared", await page.InnerTextAsync("h1"));
        Assert.Contains("0.9000", await page.InnerTextAsync(".compare-sheet"), StringComparison.Ordinal);
        Assert.Empty(await Accessibility.ProblemsAsync(page));
        Assert.Empty(watched.Errors);
    }

    [Theory]
    [InlineData("light", 1280)]
    [InlineData("dark", 1440)]
    public async Task Pages_with_data_can_be_read_and_used_by_everyone(string theme, int width)
    {
        var sample = await Sample.CreateAsync(fixture.Address, $"reading-{theme}");
        var job = await sample.SubmitAsync(0.2);
        await sample.MeasureAsync(job, "accuracy", 0.5, 1);
        await using var watched = await fixture.OpenSignedInAsync(theme, width);
        string[] paths =
        [
            "/",
            "/experiments",
            $"/experiments/{sample.Experiment}",
            $"/experiments/{sample.Experiment}?group=params.eps&search=metrics.accuracy%20%3E%200",
            $"/experiments/{sample.Experiment}?search=(",
            $"/experiments/{sample.Experiment}?view=entrypoints",
            $"/experiments/{sample.Experiment}/submit?entrypoint={sample.Entrypoint}",
            "/experiments/new",
            "/jobs",
            $"/jobs/{job}",
            $"/jobs/{job}?view=metrics",
            $"/jobs/{job}?view=artifacts",
            $"/jobs/{job}?view=history",
            $"/jobs/{job}?view=api",
            "/queues",
            $"/queues/{sample.Queue}",
            "/entrypoints",
            $"/entrypoints/{sample.Entrypoint}",
            $"/plugins/{sample.Plugin}",
            "/artifacts",
        ];
        var problems = new List<string>();
        foreach (var path in paths)
        {
            var response = await watched.GoAsync(path);
            Assert.Equal(200, response.Status);
            problems.AddRange(
                (await Accessibility.ProblemsAsync(watched.Page)).Select(problem => $"{path}: {problem}")
            );
        }

        Assert.Empty(problems);
        Assert.Empty(watched.Errors);
    }

    private static async Task<string[]> ColumnAsync(IPage page) =>
        [.. (await page.Locator("tbody td .scaled").AllInnerTextsAsync()).Select(text => text.Trim())];
}
