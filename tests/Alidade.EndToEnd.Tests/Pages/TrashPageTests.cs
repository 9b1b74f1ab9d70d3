using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>What was deleted, brought back or deleted for good in the browser.</summary>
[Collection(nameof(PagesFixture))]
public sealed class TrashPageTests(PagesFixture fixture)
{
    [Theory]
    [InlineData("light", 1280)]
    [InlineData("dark", 1920)]
    public async Task A_thing_comes_back_when_its_name_is_free_or_goes_for_good(string theme, int width)
    {
        var name = $"forgotten {theme}";
        using var api = new HttpClient { BaseAddress = fixture.Address };
        using var signedIn = await api.PostAsJsonAsync(
            "/api/v1/auth/login",
            new { username = PagesFixture.User, password = PagesFixture.Password }
        );
        await DeleteAsync(api, await MakeAsync(api, name));
        var other = await MakeAsync(api, name);
        await using var watched = await fixture.OpenSignedInAsync(theme, width);
        var page = watched.Page;
        await watched.GoAsync("/trash");
        Assert.Empty(await Accessibility.ProblemsAsync(page));

        await watched.ShootAsync($"trash-{theme}");

        await page.ClickAsync($"[aria-label='Restore {name}']");
        Assert.Contains("Rename or delete", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Empty(await Accessibility.ProblemsAsync(page));

        await DeleteAsync(api, other);
        await page.Locator($"[aria-label='Restore {name}']").Last.ClickAsync();
        await watched.ArrivedAsync("/trash");
        Assert.Equal(1, await page.Locator($"[aria-label='Restore {name}']").CountAsync());

        await page.ClickAsync($"[aria-label='Delete {name} for good']");
        await page.ClickAsync("details[open] >> text=Delete for good");
        await watched.ArrivedAsync("/trash");
        Assert.Equal(0, await page.Locator($"[aria-label='Restore {name}']").CountAsync());
        Assert.Empty(watched.Errors);
    }

    private static async Task<long> MakeAsync(HttpClient api, string name)
    {
        using var made = await api.PostAsJsonAsync("/api/v1/experiments", new { name, group = 1 });
        var answer = await made.Content.ReadFromJsonAsync<JsonNode>();
        Assert.True(made.IsSuccessStatusCode, answer!.ToString());
        return answer["id"]!.GetValue<long>();
    }

    private static async Task DeleteAsync(HttpClient api, long experiment)
    {
        using var deleted = await api.DeleteAsync($"/api/v1/experiments/{experiment}");
        Assert.True(deleted.IsSuccessStatusCode);
    }
}
