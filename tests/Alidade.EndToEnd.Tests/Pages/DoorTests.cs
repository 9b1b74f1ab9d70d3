namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>The ways in and out.</summary>
[Collection(nameof(PagesFixture))]
public sealed class DoorTests(PagesFixture fixture)
{
    [Fact]
    public async Task A_page_asks_for_sign_in_and_then_shows_itself()
    {
        await using var watched = await fixture.OpenAsync();
        var page = watched.Page;
        await watched.GoAsync("/plugins?search=attack");
        Assert.EndsWith("/signin?next=%2Fplugins%3Fsearch%3Dattack", page.Url, StringComparison.Ordinal);

        await page.FillAsync("#username", PagesFixture.User);
        await page.FillAsync("#password", "wrong");
        var refused = await page.RunAndWaitForResponseAsync(
            () => page.ClickAsync("button:has-text('Sign in')"),
            r => r.Request.Method == "POST"
        );
        Assert.Equal(422, refused.Status);
        Assert.Contains("Not signed in", await page.InnerTextAsync("[role=alert]"), StringComparison.Ordinal);
        Assert.Equal(PagesFixture.User, await page.InputValueAsync("#username"));

        await page.FillAsync("#password", PagesFixture.Password);
        await page.ClickAsync("button:has-text('Sign in')");
        await watched.ArrivedAsync("/plugins?search=attack");

        await page.ClickAsync("summary.initials");
        await page.ClickAsync("button:has-text('Sign out')");
        await watched.ArrivedAsync("/signin");
        await watched.GoAsync("/plugins");
        Assert.Contains("/signin", page.Url, StringComparison.Ordinal);
        Assert.Empty(watched.Errors);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example")]
    public async Task After_sign_in_nobody_is_sent_to_another_site(string next)
    {
        await using var watched = await fixture.OpenAsync();
        await watched.GoAsync("/signin?next=" + Uri.EscapeDataString(next));
        await watched.Page.FillAsync("#username", PagesFixture.User);
        await watched.Page.FillAsync("#password", PagesFixture.Password);
        await watched.Page.ClickAsync("button:has-text('Sign in')");
        await watched.ArrivedAsync("/");
    }

    [Fact]
    public async Task A_link_signs_a_known_user_in_once()
    {
        await using var signedIn = await fixture.OpenSignedInAsync();
        await signedIn.GoAsync("/account");
        var link = await signedIn.Page.EvaluateAsync<string>(
            "async () => (await (await fetch('/api/v1/auth/welcome', { method: 'POST' })).json()).url"
        );
        await using var other = await fixture.OpenAsync();
        await other.Page.GotoAsync(link);
        Assert.Equal(other.Url("/"), other.Page.Url);
        await using var late = await fixture.OpenAsync();
        Assert.Equal(410, (await late.Page.GotoAsync(link))!.Status);
    }

    [Fact]
    public async Task A_wrong_account_is_refused_beside_its_field()
    {
        await using var watched = await fixture.OpenAsync();
        var page = watched.Page;
        await watched.GoAsync("/register");
        await page.FillAsync("#username", PagesFixture.User);
        await page.FillAsync("#email", "other@example.org");
        await page.FillAsync("#password", PagesFixture.Password);
        var refused = await page.RunAndWaitForResponseAsync(
            () => page.ClickAsync("button:has-text('Make account')"),
            r => r.Request.Method == "POST"
        );
        Assert.Equal(422, refused.Status);
        Assert.Contains("not available", await page.InnerTextAsync("main"), StringComparison.Ordinal);
    }
}
