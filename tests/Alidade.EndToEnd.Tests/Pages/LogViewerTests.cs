using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>The log viewer with a long log, in a real browser; the lines are served by the test.</summary>
[Collection(nameof(PagesFixture))]
public sealed class LogViewerTests(PagesFixture fixture)
{
    private const int Length = 100_000;

    [Fact]
    public async Task A_hundred_thousand_lines_are_followed_found_and_linked_with_few_rows_in_the_page()
    {
        await using var watched = await OpenAsync("/look");
        var page = watched.Page;
        var rows = page.Locator(".log-row");
        await page.Locator($".log-row[data-n='{Length}']").WaitForAsync();
        Assert.InRange(await rows.CountAsync(), 5, 120);
        Assert.Equal("Following", await page.InnerTextAsync(".log-pill"));

        await page.EvaluateAsync("() => document.querySelector('.log-scroll').scrollTop = 0");
        await page.Locator(".log-row[data-n='1']").WaitForAsync();
        await Assertions.Expect(page.Locator(".log-pill")).ToContainTextAsync("Jump to latest");
        Assert.Equal(["load"], await page.Locator(".log-section span:not(.time)").AllInnerTextsAsync());

        await page.FillAsync("log-viewer input", "/needle \\d+/");
        await Assertions.Expect(page.Locator(".log-hits")).ToHaveTextAsync("1 of 2");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".log-row[data-n='77777']").WaitForAsync();
        await Assertions.Expect(page.Locator(".log-hits")).ToHaveTextAsync("2 of 2");

        await page.ClickAsync(".log-pill");
        await page.Locator($".log-row[data-n='{Length}']").WaitForAsync();
        Assert.Empty(watched.Errors);
    }

    [Fact]
    public async Task A_link_to_a_line_shows_that_line()
    {
        await using var watched = await OpenAsync("/look#L50000");
        await watched.Page.Locator(".log-row.marked[data-n='50000']").WaitForAsync();
    }

    [Fact]
    public async Task Text_of_a_job_is_text_and_never_markup()
    {
        await using var watched = await OpenAsync("/look#L500");
        var row = watched.Page.Locator(".log-row[data-n='500']");
        await row.WaitForAsync();
        Assert.Contains("<img src=x onerror=alert(1)>", await row.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await row.Locator("img").CountAsync());
    }

    private async Task<WatchedPage> OpenAsync(string path)
    {
        var watched = await fixture.OpenSignedInAsync();
        await watched.Page.RouteAsync("**/api/v1/jobs/3/lines?*", ServeAsync);
        await watched.Page.RouteAsync(
            "**/api/v1/jobs/3/steps",
            route => route.FulfillAsync(new() { ContentType = "application/json", Body = "[]" })
        );
        await watched.GoAsync(path);
        return watched;
    }

    private static Task ServeAsync(IRoute route)
    {
        var query = new Uri(route.Request.Url)
            .Query.TrimStart('?')
            .Split('&')
            .Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => int.Parse(pair[1], CultureInfo.InvariantCulture));
        var lines = Enumerable
            .Range(query["after"] + 1, Math.Min(query["limit"], Length - query["after"]))
            .Select(LineOf)
            .ToList();
        return route.FulfillAsync(
            new()
            {
                ContentType = "application/json",
                Body = JsonSerializer.Serialize(
                    new
                    {
                        lines,
                        last = Length,
                        complete = false,
                    }
                ),
            }
        );
    }

    private static object LineOf(int n) =>
        new
        {
            n,
            t = 1_000_000L + n,
            s = "stdout",
            l = n % 100 == 0 ? "WARNING" : "INFO",
            step = n <= 1000 ? "load" : "train",
            m = n is 12345 or 77777 ? $"needle {n}"
            : n == 500 ? "<img src=x onerror=alert(1)>"
            : $"epoch {n} loss=0.5",
        };
}
