using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>The workers that are there now.</summary>
public sealed class WorkerClient
{
    private readonly Transport _transport;

    internal WorkerClient(Transport transport) => _transport = transport;

    public Task<IReadOnlyList<Worker>> ListAsync(CancellationToken cancellation = default) =>
        _transport.GetAsync<IReadOnlyList<Worker>>("workers", cancellation);

    /// <summary>It finishes what it runs and is given nothing more; for admins of the groups it serves.</summary>
    public Task<Worker> DrainAsync(long id, CancellationToken cancellation = default) =>
        _transport.PostAsync<Worker>($"workers/{id}/drain", null, cancellation);

    public Task<Worker> ResumeAsync(long id, CancellationToken cancellation = default) =>
        _transport.PostAsync<Worker>($"workers/{id}/resume", null, cancellation);

    /// <summary>The pools that workers belong to.</summary>
    public Task<IReadOnlyList<Pool>> PoolsAsync(CancellationToken cancellation = default) =>
        _transport.GetAsync<IReadOnlyList<Pool>>("pools", cancellation);

    /// <summary>Replaces what a pool's workers are to show to jobs, from their next session on.</summary>
    /// <param name="folders">Paths on the workers' machines, by name.</param>
    public Task<Pool> SetDataFoldersAsync(
        long pool,
        IReadOnlyDictionary<string, string> folders,
        CancellationToken cancellation = default
    ) => _transport.PutAsync<Pool>($"pools/{pool}/dataFolders", new { folders }, cancellation);
}

/// <param name="Groups">Whose queues its workers serve; empty for all.</param>
/// <param name="DataFolders">What its workers are to show to jobs: paths by name.</param>
public sealed record Pool(
    long Id,
    string Name,
    IReadOnlyList<long> Groups,
    IReadOnlyList<string> Queues,
    IReadOnlyDictionary<string, string> DataFolders
);

/// <param name="State">active or draining.</param>
/// <param name="Busy">Slots in use.</param>
public sealed record Worker(
    long Id,
    string Name,
    string Host,
    IReadOnlyList<string> Queues,
    int Slots,
    int Busy,
    string Version,
    string State,
    IReadOnlyDictionary<string, string> Labels,
    JobResources Resources
);
