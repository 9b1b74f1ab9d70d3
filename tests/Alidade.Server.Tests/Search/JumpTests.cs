using System.Net;
using System.Text.RegularExpressions;
using Alidade.Server.Pages.Jump;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.MLflow;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Search;

/// <summary>The search over everything.</summary>
public sealed class JumpTests
{
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task Words_in_any_order_find_what_one_may_see(Dialect dialect)
    {
        await using var server = await TestServer.StartAsync(dialect);
        using var ada = await server.SignInAsync("ada");
        using var bea = await server.SignInAsync("bea");
        var group = (await ada.PostJsonAsync("/api/v1/groups", new { name = "red team" })).Id();
        await ada.PostJsonAsync("/api/v1/experiments", new { name = "digits PGD robustness", group });
        await ada.PostJsonAsync("/api/v1/queues", new { name = "pgd", group });
        await ada.PostJsonAsync("/api/v1/models", new { name = "net\"*?\\", group });
        var script = new TrackingClient(bea);
        var run = await script.RunAsync("0");
        await script.PostAsync("runs/update", new { run_id = run, run_name = "Öl-PGD-sweep 7" });

        Assert.Equal(["pgd", "digits PGD robustness"], await FindAsync(ada, "PgD"));
        Assert.Equal(["digits PGD robustness"], await FindAsync(ada, "robust pgd"));
        Assert.Equal(["net\"*?\\"], await FindAsync(ada, "\"*?\\"));
        Assert.Equal(["Öl-PGD-sweep 7"], await FindAsync(ada, "Öl-pgd 7"));
        Assert.Equal(["Öl-PGD-sweep 7"], await FindAsync(ada, run[..8]));
        Assert.Equal(["Queues and workers"], await FindAsync(ada, "workers"));
        Assert.Empty(await FindAsync(ada, "nothing of that name: it's 100 %, really"));
        Assert.Empty(await FindAsync(bea, "robust"));
        Assert.Contains("Trash", await FindAsync(ada, " "));
    }

    [Theory]
    [InlineData("pgd-advtrain-pgd", "adv pgd", new[] { "", "pgd", "-", "adv", "train-", "pgd" })]
    [InlineData("Digits", "digits", new[] { "", "Digits" })]
    [InlineData("aaa", "aa", new[] { "", "aa", "a" })]
    [InlineData("attack", "att tac", new[] { "", "attac", "k" })]
    [InlineData("net", "", new[] { "net" })]
    public void What_matched_is_marked(string title, string typed, string[] pieces) =>
        Assert.Equal(pieces, SearchWords.Of(typed).Pieces(title));

    private static async Task<IReadOnlyList<string>> FindAsync(HttpClient http, string typed)
    {
        var html = await http.GetStringAsync($"/jump/found?search={Uri.EscapeDataString(typed)}");
        return
        [
            .. Regex
                .Matches(html, "<span class=\"found-title\">(.*?)</span>", RegexOptions.Singleline)
                .Select(m => WebUtility.HtmlDecode(Regex.Replace(m.Groups[1].Value, "</?b>", ""))),
        ];
    }
}
