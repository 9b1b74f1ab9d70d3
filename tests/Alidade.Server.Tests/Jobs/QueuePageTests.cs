using System.Net;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.Jobs;

/// <summary>A queue's form: its name, and what it says about its jobs.</summary>
public sealed class QueuePageTests
{
    [Fact]
    public async Task A_form_changes_a_queue_and_its_policy_or_says_what_is_wrong_and_changes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        using var ada = await server.SignInAsync("ada");
        var queue = (await ada.PostJsonAsync("/api/v1/queues", new { name = "gpu", group = 1 })).Id();
        var typed = new Dictionary<string, string>
        {
            ["name"] = "gpu-long",
            ["description"] = "days of work",
            ["resources.memory"] = "16GiB",
            ["resources.gpus"] = "1",
            ["labels"] = "zone=eu, fast",
            ["maxLosses"] = "3",
            ["lostAfter"] = "10m",
        };

        foreach (
            var (field, value, error) in new[]
            {
                ("resources.memory", "much", "&#x27;much&#x27; is no amount: write 4GiB."),
                ("lostAfter", "1s", "Must be from 60s to 24h."),
                ("maxLosses", "few", "Not a valid integer."),
                ("labels", "no good", "is no label"),
            }
        )
        {
            using var refused = await PostAsync(new(typed) { [field] = value });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains(error, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("gpu", (string?)(await ada.GetJsonAsync($"/api/v1/queues/{queue}"))["name"]);
        using var saved = await PostAsync(typed);
        var policy = await ada.GetJsonAsync($"/api/v1/queues/{queue}/policy");
        var page = await ada.GetStringAsync($"/queues/{queue}");

        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        Assert.Equal("gpu-long", (string?)(await ada.GetJsonAsync($"/api/v1/queues/{queue}"))["name"]);
        Assert.Equal(16L << 30, policy["resources"]!["memory"]!.GetValue<long>());
        Assert.Equal("eu", (string?)policy["labels"]!["zone"]);
        Assert.False(policy["restartable"]!.GetValue<bool>());
        Assert.All(["16GiB", "fast, zone=eu", "10m"], text => Assert.Contains($"value=\"{text}\"", page));

        Task<HttpResponseMessage> PostAsync(Dictionary<string, string> form) =>
            ada.PostAsync($"/queues/{queue}", new FormUrlEncodedContent(form));
    }
}
