using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Records;

/// <summary>What an attempt left when it ended.</summary>
/// <param name="Results">Last values by name.</param>
/// <param name="Outputs">Files and folders by path.</param>
/// <param name="IsWhole">False when there were more than are listed.</param>
public sealed record AttemptRemains(
    IReadOnlyList<RemainingResult> Results,
    IReadOnlyList<RemainingOutput> Outputs,
    bool IsWhole = true
)
{
    /// <summary>An attempt may report without end; its record stays small.</summary>
    public const int Most = 1000;
    private const int LongestValue = 1024;

    /// <summary>Looks at what the attempt has said until now; null when it never began.</summary>
    internal static AttemptRemains? Of(ITransaction tx, long attempt)
    {
        var began = tx.First<Began>(
            "SELECT a.started, d.run FROM attempt a JOIN job_detail d ON d.job = a.job WHERE a.id = @Attempt",
            new { Attempt = attempt }
        );
        if (began?.Started is not { } since)
        {
            return null;
        }

        var args = new
        {
            Attempt = attempt,
            began.Run,
            Since = since,
            Most = Most + 1,
        };
        // An earlier attempt's values stay with the run until they are said again, and are not this one's.
        var results = tx.Query<Said>(
            "SELECT name, value FROM run_result WHERE run = @Run AND at >= @Since ORDER BY name LIMIT @Most",
            args
        );
        var outputs = tx.Query<RemainingOutput>(
            """
            SELECT path, folder, size, digest FROM run_artifact
            WHERE run = @Run AND (attempt = @Attempt OR attempt IS NULL AND at >= @Since) ORDER BY path LIMIT @Most
            """,
            args
        );
        return new AttemptRemains(
            [.. results.Take(Most).Select(Result)],
            [.. outputs.Take(Most)],
            results.Count <= Most && outputs.Count <= Most
        );
    }

    public static AttemptRemains? Read(string? json) =>
        json is null ? null : JsonSerializer.Deserialize<AttemptRemains>(json, JsonSerializerOptions.Web);

    public string Write() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <summary>A long value is named by its digest.</summary>
    private static RemainingResult Result(Said said) =>
        said.Value.Length <= LongestValue
            ? new(said.Name, JsonNode.Parse(said.Value), null)
            : new(said.Name, null, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(said.Value))));

    private sealed record Began
    {
        public long? Started { get; init; }
        public string Run { get; init; } = "";
    }

    private sealed record Said
    {
        public string Name { get; init; } = "";
        public string Value { get; init; } = "null";
    }
}

/// <param name="Value">Null when it is too long to be repeated here.</param>
/// <param name="Sha256">Of the JSON of a value that is too long.</param>
public sealed record RemainingResult(string Name, JsonNode? Value, string? Sha256);

public sealed record RemainingOutput
{
    public string Path { get; init; } = "";
    public int Folder { get; init; }
    public long Size { get; init; }

    /// <summary>SHA-256 of the file, or of the list of the folder's files.</summary>
    public string? Digest { get; init; }
}
