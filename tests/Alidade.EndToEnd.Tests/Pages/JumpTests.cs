using Microsoft.Playwright;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>The palette that every page has.</summary>
[Collection(nameof(PagesFixture))]
public sealed class JumpTests(PagesFixture fixture)
{
    [Theory]
    [InlineData("light", 1440)]
    [InlineData("dark", 390)]
    public async Task Keys_lead_to_what_is_typed(string theme, int width)
    {
        var sample = await Sample.CreateAsync(fixture.Address, $"jump-{theme}");
        await using var watched = await fixture.OpenSignedInAsync(theme, width);
        var page = watched.Page;
        var palette = page.Locator("dialog.palette");
        var chosen = palette.Locator("[aria-selected=true]");
        await watched.GoAsync("/jobs");

        await page.Keyboard.PressAsync("Control+k");
        await Assertions.Expect(chosen).ToContainTextAsync("Home");
        await page.Keyboard.TypeAsync($"{theme} jump");
        await Assertions.Expect(chosen.Locator("b").First).ToHaveTextAsync("jump");
        await Assertions.Expect(chosen).ToContainTextAsync("experiment");
        await watched.ShootAsync($"palette-{theme}");
        Assert.Empty(await Accessibility.ProblemsAsync(page));
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(chosen).ToContainTextAsync("entrypoint");
        await page.Keyboard.PressAsync("Enter");
        await watched.ArrivedAsync($"/entrypoints/{sample.Entrypoint}");

        await page.Locator(".jump input").ClickAsync();
        await page.Keyboard.TypeAsync("nothing has this name");
        await Assertions.Expect(palette).ToContainTextAsync("Nothing is called so");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(palette).ToBeHiddenAsync();
        // Enter is pressed before the list is there: it is not the list of before that counts.
        await page.Keyboard.PressAsync("Control+k");
        await Assertions.Expect(chosen).ToContainTextAsync("Home");
        await page.Keyboard.TypeAsync("nothing has this name");
        await page.Keyboard.PressAsync("Enter");
        await watched.ArrivedAsync("/jump?search=nothing*");
        Assert.Empty(await Accessibility.ProblemsAsync(page));
        await watched.ShootAsync($"search-{theme}");
        Assert.Empty(watched.Errors);
    }
}
