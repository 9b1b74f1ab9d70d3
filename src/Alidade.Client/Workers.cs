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
}

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
