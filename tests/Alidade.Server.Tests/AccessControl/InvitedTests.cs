using System.Net;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>How a new user comes in where registration is closed.</summary>
public sealed class InvitedTests
{
    [Fact]
    public async Task An_invitation_opens_a_closed_door_once()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Registration = "first" });
        using var ada = await server.SignInAsync("ada");
        var lab = (await ada.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        var invitation = await ada.PostJsonAsync($"/api/v1/groups/{lab}/invitations", new { role = "reader" });
        var code = invitation["code"]!.GetValue<string>();
        using var guest = server.NewClient();

        await guest.PostJsonAsync("/api/v1/users", Bob("ali_wrong"), HttpStatusCode.BadRequest);
        var bob = await guest.PostJsonAsync("/api/v1/users", Bob(code));

        Assert.Equal(["public", "lab"], bob["groups"]!.AsArray().Select(g => g!["name"]!.GetValue<string>()));
        await guest.PostJsonAsync("/api/v1/users", Bob(code), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_link_leads_guests_to_a_form_and_members_to_a_button()
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Registration = "first" });
        using var ada = await server.SignInAsync("ada");
        var lab = (await ada.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        var first = await ada.PostJsonAsync($"/api/v1/groups/{lab}/invitations", new { role = "reader" });
        using var guest = server.NewClient();

        var form = await guest.GetStringAsync(Path(first));
        Assert.Contains("name=\"invitation\"", form, StringComparison.Ordinal);
        using var registered = await guest.PostAsync(
            new Uri("/register", UriKind.Relative),
            new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    ["username"] = "bob",
                    ["email"] = "bob@example.org",
                    ["password"] = "correct horse bob",
                    ["invitation"] = first["code"]!.GetValue<string>(),
                }
            )
        );
        Assert.Equal(HttpStatusCode.SeeOther, registered.StatusCode);
        await guest.GetJsonAsync($"/api/v1/groups/{lab}");

        var second = await ada.PostJsonAsync($"/api/v1/groups/{lab}/invitations", new { role = "admin" });
        Assert.Contains("invited as admin", await guest.GetStringAsync(Path(second)), StringComparison.Ordinal);
        using var joined = await guest.PostAsync(
            new Uri("/join", UriKind.Relative),
            new FormUrlEncodedContent(new Dictionary<string, string> { ["code"] = second["code"]!.GetValue<string>() })
        );
        Assert.Equal(HttpStatusCode.SeeOther, joined.StatusCode);
        await guest.PutJsonAsync($"/api/v1/groups/{lab}", new { name = "renamed" });

        static Uri Path(System.Text.Json.Nodes.JsonNode invitation) =>
            new(new Uri(invitation["url"]!.GetValue<string>()).PathAndQuery, UriKind.Relative);
    }

    private static object Bob(string invitation) =>
        new
        {
            username = "bob",
            email = "bob@example.org",
            password = "correct horse bob",
            confirmPassword = "correct horse bob",
            invitation,
        };
}
