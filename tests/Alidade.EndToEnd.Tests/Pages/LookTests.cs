namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>How pages are served and drawn: headers, caching, themes, accessibility, islands.</summary>
[Collection(nameof(PagesFixture))]
public sealed class LookTests(PagesFixture fixture)
{
    public static TheoryData<string, string, int> Views()
    {
        var views = new TheoryData<string, string, int>();
        foreach (var path in new[] { "/look", "/signin", "/register", "/account", "/plugins", "/secrets", "/nowhere" })
        {
            views.Add(path, "light", 1280);
            views.Add(path, "dark", 1920);
        }

        return views;
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Every_page_can_be_read_and_used_by_everyone(string path, string theme, int width)
    {
        await using var watched = await fixture.OpenSignedInAsync(theme, width);
        await watched.GoAsync(path);
        await watched.Page.WaitForFunctionAsync("() => document.fonts.status === 'loaded'");
        Assert.Equal(theme, await watched.Page.GetAttributeAsync("html", "data-bs-theme"));
        Assert.Empty(await Accessibility.ProblemsAsync(watched.Page));
        Assert.Empty(watched.Errors);
    }

    [Fact]
    public async Task The_theme_is_the_systems_until_one_is_chosen()
    {
        await using var watched = await fixture.OpenSignedInAsync();
        var page = watched.Page;
        await page.Context.ClearCookiesAsync(new() { Name = "theme" });
        await page.EmulateMediaAsync(new() { ColorScheme = Microsoft.Playwright.ColorScheme.Dark });
        await watched.GoAsync("/account");
        Assert.Equal("dark", await page.GetAttributeAsync("html", "data-bs-theme"));
        await page.ClickAsync("theme-switch button");
        Assert.Equal("light", await page.GetAttributeAsync("html", "data-bs-theme"));
        var html = await (await watched.GoAsync("/account")).TextAsync();
        Assert.Contains("data-bs-theme=\"light\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_may_load_nothing_from_elsewhere_and_assets_are_kept()
    {
        await using var watched = await fixture.OpenAsync();
        var foreign = new List<string>();
        var assets = new List<string>();
        watched.Page.Response += (_, response) =>
        {
            var url = new Uri(response.Url);
            if (url.Authority != fixture.Address.Authority)
            {
                foreign.Add(response.Url);
            }
            else if (
                url.AbsolutePath.StartsWith("/styles/", StringComparison.Ordinal)
                || url.AbsolutePath.StartsWith("/islands/", StringComparison.Ordinal)
            )
            {
                assets.Add(response.Headers.GetValueOrDefault("cache-control", "none"));
            }
        };
        var response = await watched.GoAsync("/signin");
        Assert.Contains("default-src 'none'", response.Headers["content-security-policy"], StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", response.Headers["content-security-policy"], StringComparison.Ordinal);
        Assert.Equal("no-store", response.Headers["cache-control"]);
        await watched.Page.WaitForLoadStateAsync(Microsoft.Playwright.LoadState.NetworkIdle);
        Assert.Empty(foreign);
        Assert.NotEmpty(assets);
        Assert.All(assets, cache => Assert.Contains("immutable", cache, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_does_not_exist_is_a_page_for_people_and_json_for_programs()
    {
        await using var watched = await fixture.OpenSignedInAsync();
        var page = await watched.GoAsync("/nowhere");
        Assert.Equal(404, page.Status);
        Assert.Equal("Not found", await watched.Page.InnerTextAsync("h1"));
        var api = await watched.GoAsync("/api/v1/nowhere");
        Assert.Equal(404, api.Status);
        Assert.Contains("application/json", api.Headers["content-type"], StringComparison.Ordinal);
    }
}
