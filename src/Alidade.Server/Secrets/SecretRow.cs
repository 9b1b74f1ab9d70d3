using System.Text.Json;

namespace Alidade.Server.Secrets;

/// <summary>A secret as it is stored.</summary>
public sealed record SecretRow
{
    public long Id { get; init; }
    public long GroupId { get; init; }
    public string Name { get; init; } = "";
    public int Version { get; init; }
    public string KeyId { get; init; } = "";
    public string Sealed { get; init; } = "";
    public string? Entrypoints { get; init; }
    public string? Queues { get; init; }
    public long UserId { get; init; }
    public long Created { get; init; }
    public long Modified { get; init; }
    public long? Used { get; init; }
    public long? UsedJob { get; init; }

    /// <summary>Null for no limit.</summary>
    public IReadOnlyList<long>? OnlyEntrypoints => Ids(Entrypoints);

    /// <summary>Null for no limit.</summary>
    public IReadOnlyList<long>? OnlyQueues => Ids(Queues);

    private static long[]? Ids(string? json) => json is null ? null : JsonSerializer.Deserialize<long[]>(json);
}
