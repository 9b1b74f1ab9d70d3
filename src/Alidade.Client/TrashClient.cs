using System.Text.Json.Nodes;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>What was deleted.</summary>
public sealed class TrashClient
{
    private readonly Transport _transport;

    internal TrashClient(Transport transport) => _transport = transport;

    /// <summary>Newest first.</summary>
    public Task<Page<Trashed>> ListAsync(long limit = 100, CancellationToken cancellation = default) =>
        _transport.GetAsync<Page<Trashed>>(Query.Of("trash/", ("pageLength", limit)), cancellation);

    /// <param name="kind">run, experiment, model, modelVersion or artifact.</param>
    public Task RestoreAsync(string kind, string id, CancellationToken cancellation = default) =>
        _transport.PostAsync<JsonNode>($"trash/{kind}s/{id}/restore", null, cancellation);

    public Task PurgeAsync(string kind, string id, CancellationToken cancellation = default) =>
        _transport.DeleteAsync($"trash/{kind}s/{id}", cancellation);

    /// <summary>Purges what is due and gives back the bytes that nothing refers to; for admins.</summary>
    /// <param name="graceHours">Null for the server's own grace time.</param>
    public Task<Swept> SweepAsync(long? graceHours, CancellationToken cancellation = default) =>
        _transport.PostAsync<Swept>("trash/sweep", new { graceHours }, cancellation);
}

/// <param name="PurgedOn">When it will be gone by itself; null while a version of a model is made of its files.</param>
public sealed record Trashed(
    string Kind,
    string Id,
    string Name,
    Reference Group,
    DateTimeOffset DeletedOn,
    DateTimeOffset? PurgedOn
);

public sealed record Swept(long Runs, long Resources, long Uploads, long Blobs, long Bytes);
