using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alidade.Engine.Protocol;

namespace Alidade.Worker.Tests.Fakes;

/// <summary>Grants of jobs with one step each, the function <c>main</c> of one plugin file.</summary>
internal static class Jobs
{
    public static ServerAttempt Submit(this FakeServer server, string code, params string[] plugins)
    {
        var file = new GrantFile("plug/tasks.py", server.AddBlob(Encoding.UTF8.GetBytes(code)), code.Length);
        IReadOnlyList<GrantFile> files =
            plugins.Length == 0 ? [file] : [.. plugins.Select(path => file with { Path = path })];
        return server.Submit(id => Grant(id, files));
    }

    public static Grant Grant(long id, IReadOnlyList<GrantFile> plugins, string isolation = "L0")
    {
        var plan = JsonSerializer.Serialize(
            new
            {
                version = 1,
                entrypoint = new
                {
                    id = 14,
                    snapshot = 16,
                    name = "test",
                },
                parameters = new { },
                inputs = Array.Empty<object>(),
                steps = new[]
                {
                    new
                    {
                        name = "only",
                        task = "main",
                        module = "plug.tasks",
                        function = "main",
                        args = Array.Empty<object>(),
                        kwargs = new { },
                        outputs = Array.Empty<string>(),
                        after = Array.Empty<string>(),
                    },
                },
                outputs = Array.Empty<object>(),
            }
        );
        return new Grant(
            id,
            Job: 1000 + id,
            Number: 1,
            Fence: 7,
            Run: Guid.NewGuid().ToString("N"),
            plan,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(plan))),
            plugins,
            Inputs: [],
            Seed: 42,
            TimeoutSeconds: 300,
            isolation
        );
    }
}
