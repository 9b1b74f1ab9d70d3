using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Tokens that let workers in; for the admins of a group.</summary>
public sealed class WorkerTokenClient
{
    private readonly Transport _transport;

    internal WorkerTokenClient(Transport transport) => _transport = transport;

    /// <param name="queues">Names of queues its workers may serve, with <c>*</c> for any characters; null for all.</param>
    public Task<NewWorkerToken> CreateAsync(
        long group,
        string name,
        IReadOnlyList<string>? queues,
        CancellationToken cancellation = default
    ) =>
        _transport.PostAsync<NewWorkerToken>(
            "workerTokens/",
            queues is null
                ? new { group, name }
                : new
                {
                    group,
                    name,
                    queues,
                },
            cancellation
        );

    public Task<IReadOnlyList<WorkerToken>> ListAsync(long group, CancellationToken cancellation = default) =>
        _transport.GetAsync<IReadOnlyList<WorkerToken>>(
            FormattableString.Invariant($"workerTokens/?group={group}"),
            cancellation
        );

    /// <summary>The workers that use it stop.</summary>
    public Task RevokeAsync(long id, CancellationToken cancellation = default) =>
        _transport.DeleteAsync(FormattableString.Invariant($"workerTokens/{id}"), cancellation);
}

/// <param name="Token">The secret; the server does not show it again.</param>
public sealed record NewWorkerToken(long Id, string Name, string Pool, string Token);

public sealed record WorkerToken(
    long Id,
    string Name,
    string Pool,
    DateTimeOffset CreatedOn,
    DateTimeOffset? UsedOn,
    DateTimeOffset? RevokedOn
);
