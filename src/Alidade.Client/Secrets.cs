using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Secrets of groups, which their jobs are given. A value goes to the server and never comes back.</summary>
public sealed class SecretClient
{
    private readonly Transport _transport;

    internal SecretClient(Transport transport) => _transport = transport;

    /// <param name="group">Null for all groups in which the caller is a contributor.</param>
    public Task<IReadOnlyList<SecretInfo>> ListAsync(long? group = null, CancellationToken cancellation = default) =>
        _transport.GetAsync<IReadOnlyList<SecretInfo>>(Query.Of("secrets/", ("group", group)), cancellation);

    /// <param name="entrypoints">The only ones whose jobs get it; null for every one of the group.</param>
    /// <param name="queues">The only ones whose jobs get it; null for every one.</param>
    public Task<SecretInfo> CreateAsync(
        long group,
        string name,
        string value,
        IReadOnlyList<long>? entrypoints = null,
        IReadOnlyList<long>? queues = null,
        CancellationToken cancellation = default
    )
    {
        var body = Limits(entrypoints, queues);
        (body["group"], body["name"], body["value"]) = (group, name, value);
        return _transport.PostAsync<SecretInfo>("secrets/", body, cancellation);
    }

    /// <summary>A new value, or other limits; what is null stays, and an empty list lifts a limit.</summary>
    public Task<SecretInfo> ChangeAsync(
        long id,
        string? value,
        IReadOnlyList<long>? entrypoints = null,
        IReadOnlyList<long>? queues = null,
        CancellationToken cancellation = default
    )
    {
        var body = Limits(entrypoints, queues);
        if (value is not null)
        {
            body["value"] = value;
        }

        return _transport.PutAsync<SecretInfo>(FormattableString.Invariant($"secrets/{id}"), body, cancellation);
    }

    public Task DeleteAsync(long id, CancellationToken cancellation = default) =>
        _transport.DeleteAsync(FormattableString.Invariant($"secrets/{id}"), cancellation);

    /// <summary>Seals every secret of the server under a new key.</summary>
    public Task<KeyRotation> RotateKeyAsync(CancellationToken cancellation = default) =>
        _transport.PostAsync<KeyRotation>("secrets/rotateKey", null, cancellation);

    private static JsonObject Limits(IReadOnlyList<long>? entrypoints, IReadOnlyList<long>? queues)
    {
        var body = new JsonObject();
        if (entrypoints is not null)
        {
            body["entrypoints"] = JsonSerializer.SerializeToNode(entrypoints);
        }

        if (queues is not null)
        {
            body["queues"] = JsonSerializer.SerializeToNode(queues);
        }

        return body;
    }
}

/// <summary>A secret as far as it is ever shown.</summary>
public sealed record SecretInfo(
    long Id,
    long Group,
    string Name,
    int Version,
    IReadOnlyList<long>? Entrypoints,
    IReadOnlyList<long>? Queues,
    string User,
    DateTimeOffset CreatedOn,
    DateTimeOffset LastModifiedOn,
    DateTimeOffset? UsedOn,
    long? UsedByJob
);

/// <param name="Key">Id of the key that seals from now on.</param>
/// <param name="Secrets">How many were sealed anew.</param>
public sealed record KeyRotation(string Key, int Secrets);
