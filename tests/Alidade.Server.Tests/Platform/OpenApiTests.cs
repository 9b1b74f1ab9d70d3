using System.Text.RegularExpressions;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.Platform;

/// <summary>What the OpenAPI document says about what handlers read by themselves.</summary>
public sealed class OpenApiTests
{
    /// <summary>A schema is named after its type alone, so of two types with one name only one would be described.</summary>
    [Fact]
    public void No_two_types_of_the_wire_share_a_name()
    {
        var shared = typeof(Server.Hosting.ServerHost)
            .Assembly.GetExportedTypes()
            .Where(t => !t.IsNested && t.GetMethod("<Clone>$") is not null)
            .GroupBy(t => t.Name)
            .Where(g => g.Count() > 1)
            .Select(g => string.Join(", ", g));

        Assert.Empty(shared);
    }

    [Fact]
    public async Task Every_part_of_a_path_is_declared_once_and_lists_and_drafts_say_what_they_take()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.NewClient();
        var document = await client.GetJsonAsync("/openapi/v1.json");
        var paths = document["paths"]!.AsObject();
        Assert.Equal(document.ToJsonString(), (await client.GetJsonAsync("/swagger.json")).ToJsonString());

        var wrong = (
            from path in paths
            from operation in path.Value!.AsObject()
            let declared = Parameters(path.Key, operation.Key, "path")
            let expected = Regex.Matches(path.Key, @"\{(\w+)\}").Select(m => m.Groups[1].Value)
            where !declared.Order().SequenceEqual(expected.Order())
            select $"{operation.Key} {path.Key}: {string.Join(' ', declared)}"
        ).ToList();

        Assert.Empty(wrong);
        Assert.Superset(
            new HashSet<string> { "search", "groupId", "sortBy", "descending", "index", "pageLength" },
            Parameters("/api/v1/queues", "get", "query").ToHashSet()
        );
        Assert.Contains("draftType", Parameters("/api/v1/plugins/{plugin}/files/drafts", "get", "query"));
        Assert.Contains("group", Fields("/api/v1/entrypoints/drafts", "post"));
        Assert.DoesNotContain("group", Fields("/api/v1/entrypoints/drafts/{draft}", "put"));
        Assert.Contains("plugins", Fields("/api/v1/entrypoints/drafts/{draft}", "put"));

        List<string> Parameters(string path, string method, string place) =>
            [
                .. (paths[path]![method]!["parameters"]?.AsArray() ?? [])
                    .Where(p => p!["in"]!.GetValue<string>() == place)
                    .Select(p => p!["name"]!.GetValue<string>()),
            ];

        IEnumerable<string> Fields(string path, string method) =>
            paths[path]![method]!["requestBody"]!["content"]!["application/json"]!["schema"]!["properties"]!
                .AsObject()
                .Select(p => p.Key);
    }
}
