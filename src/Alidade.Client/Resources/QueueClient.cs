using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Names that jobs wait under.</summary>
public sealed class QueueClient : ResourceClient<Queue, QueueContent>
{
    internal QueueClient(Transport transport)
        : base(transport, "queues") { }

    public Task<QueueState> StateAsync(long id, CancellationToken cancellation = default) =>
        Transport.GetAsync<QueueState>($"{Collection}/{id}/state", cancellation);

    /// <summary>Gives its jobs to no worker until it is resumed; what runs goes on.</summary>
    public Task<QueueState> PauseAsync(long id, CancellationToken cancellation = default) =>
        Transport.PostAsync<QueueState>($"{Collection}/{id}/pause", null, cancellation);

    public Task<QueueState> ResumeAsync(long id, CancellationToken cancellation = default) =>
        Transport.PostAsync<QueueState>($"{Collection}/{id}/resume", null, cancellation);
}

/// <param name="PausedOn">Null when it is not paused.</param>
public sealed record QueueState(long Id, bool Paused, string? PausedOn);
