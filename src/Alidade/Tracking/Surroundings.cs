using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Alidade.Tracking;

/// <summary>What a command runs in: the machine, and for Python the interpreter with its packages.</summary>
internal static class Surroundings
{
    private const int LargestList = 4 << 20;

    private const string Listing = """
        import sys, json, platform
        try:
            from importlib.metadata import distributions
            found = {(d.metadata["Name"] or "").lower(): d.version for d in distributions()}
        except ImportError:
            found = {}
        json.dump({"executable": sys.executable, "version": platform.python_version(),
            "implementation": platform.python_implementation(), "prefix": sys.prefix,
            "packages": ["%s==%s" % p for p in sorted(found.items()) if p[0]]}, sys.stdout)
        """;

    public static string Host => Environment.MachineName;

    public static async Task<JsonObject> CaptureAsync(string program, CancellationToken cancellation)
    {
        var all = new JsonObject
        {
            ["host"] = Host,
            ["system"] = RuntimeInformation.OSDescription,
            ["architecture"] = $"{RuntimeInformation.OSArchitecture}".ToLowerInvariant(),
            ["cores"] = Environment.ProcessorCount,
            ["memory"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            ["folder"] = Environment.CurrentDirectory,
        };
        if (
            Interpreter(program) is { } python
            && await Quiet.RunAsync(python, ["-c", Listing], LargestList, cancellation) is { Length: > 0 } answer
        )
        {
            all["python"] = Parse(answer);
        }

        return all;
    }

    /// <summary>Null when something else was printed along with the list.</summary>
    private static JsonNode? Parse(byte[] answer)
    {
        try
        {
            return JsonNode.Parse(answer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The Python that a program is, or that the first line of a script names; null for others.</summary>
    private static string? Interpreter(string program)
    {
        if (IsPython(program))
        {
            return program;
        }

        if (Locate(program) is not { } path)
        {
            return null;
        }

        return FirstLine(path) is { } line && line.StartsWith("#!", StringComparison.Ordinal)
            ? Array.Find(line[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries), IsPython)
            : null;
    }

    /// <summary>As far as it is short: a program may be one long line.</summary>
    private static string? FirstLine(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var start = new byte[256];
            var text = System.Text.Encoding.UTF8.GetString(start, 0, file.ReadAtLeast(start, start.Length, false));
            return text.Split('\n')[0];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsPython(string program) =>
        Path.GetFileName(program) is var name
        && (
            name.StartsWith("python", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("pypy", StringComparison.OrdinalIgnoreCase)
        );

    private static string? Locate(string program) =>
        program.Contains(Path.DirectorySeparatorChar)
            ? (File.Exists(program) ? program : null)
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Select(folder => Path.Combine(folder, program))
                .FirstOrDefault(File.Exists);
}
