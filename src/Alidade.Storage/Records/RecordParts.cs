using Alidade.Storage.Platform;

namespace Alidade.Storage.Records;

/// <summary>Facts that many attempts share, by the SHA-256 of their JSON.</summary>
public sealed record RecordPart
{
    public string Digest { get; init; } = "";

    /// <summary><c>environment</c> or <c>machine</c>.</summary>
    public string Kind { get; init; } = "";
    public string Body { get; init; } = "{}";
}

public static class RecordParts
{
    /// <summary>Keeps a part; one that is there already stays as it is.</summary>
    /// <returns>Whether it is new.</returns>
    public static bool Keep(ITransaction tx, RecordPart part) =>
        tx.Execute(
            "INSERT INTO record_part (digest, kind, body) VALUES (@Digest, @Kind, @Body) ON CONFLICT (digest) DO NOTHING",
            part
        ) == 1;

    public static IReadOnlyDictionary<string, RecordPart> Find(ISession read, IEnumerable<string> digests) =>
        read.Query<RecordPart>(
                "SELECT digest, kind, body FROM record_part WHERE digest = ANY(@Digests)",
                new { Digests = digests.Distinct().ToArray() }
            )
            .ToDictionary(part => part.Digest);
}
