using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>What tests of access begin with.</summary>
internal static class AccessCalls
{
    /// <summary>A client with the token that was made by <c>POST /tokens</c>.</summary>
    public static HttpClient WithToken(this TestServer server, JsonNode made)
    {
        var client = server.NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            made["token"]!.GetValue<string>()
        );
        return client;
    }

    /// <summary>A group whose only member is its admin.</summary>
    public static Task<long> AddGroupAsync(this TestServer server, string name, long admin) =>
        server
            .App.Services.GetRequiredService<Stores>()
            .Core.WriteAsync(t =>
            {
                var group = t.Scalar<long>(
                    "INSERT INTO user_group (name, creator_id, created, modified) VALUES (@name, @admin, @Now, @Now) RETURNING id",
                    new
                    {
                        name,
                        admin,
                        t.Now,
                    }
                );
                t.Execute(
                    "INSERT INTO membership (group_id, user_id, role) VALUES (@group, @admin, 'admin')",
                    new { group, admin }
                );
                return group;
            });
}
