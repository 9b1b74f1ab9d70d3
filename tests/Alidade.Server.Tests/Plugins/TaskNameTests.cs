using System.Net;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.Plugins;

/// <summary>A task is what stands in the plugin's file: its name reaches nothing else of Python.</summary>
public sealed class TaskNameTests
{
    [Fact]
    public async Task A_name_that_reaches_elsewhere_is_refused_wherever_it_is_given()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.SignInAsync("ada");
        var plugin = (await client.PostJsonAsync("/api/v1/plugins", new { name = "p", group = 1 })).Id();
        string[] names = ["__import__", "__class__", "__init__", "class", "None", "await", "os.system", "a b", "1", ""];
        foreach (var name in names)
        {
            foreach (var kind in (string[])["functions", "artifacts"])
            {
                var refused = await client.PostJsonAsync(
                    $"{Files(plugin)}",
                    File(kind, name),
                    HttpStatusCode.BadRequest
                );
                var reason = refused["errors"]!["tasks"]![kind]!["0"]!["name"]![0]!.GetValue<string>();
                Assert.StartsWith($"'{name}' is not a valid name", reason, StringComparison.Ordinal);
            }
        }

        // Python knows these words only in places where no name stands.
        foreach (var name in (string[])["match", "_private", "__mangled", "trailing__"])
        {
            await client.PostJsonAsync(Files(plugin), File("functions", name));
        }
    }

    private static string Files(long plugin) => $"/api/v1/plugins/{plugin}/files";

    private static object File(string kind, string task) =>
        new
        {
            filename = $"f_{task}.py".Replace("__", "", StringComparison.Ordinal),
            contents = "",
            tasks = new Dictionary<string, object>
            {
                [kind] = new[]
                {
                    new
                    {
                        name = task,
                        inputParams = Array.Empty<object>(),
                        outputParams = Array.Empty<object>(),
                    },
                },
            },
        };
}
