using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Limits of groups.</summary>
public sealed class GroupClient
{
    private readonly Transport _transport;

    internal GroupClient(Transport transport) => _transport = transport;

    public Task<GroupQuota> QuotaAsync(long group, CancellationToken cancellation = default) =>
        _transport.GetAsync<GroupQuota>($"groups/{group}/quota", cancellation);

    /// <summary>For admins of the public group.</summary>
    public Task<GroupQuota> SetQuotaAsync(long group, GroupQuota quota, CancellationToken cancellation = default) =>
        _transport.PutAsync<GroupQuota>($"groups/{group}/quota", quota, cancellation);
}

/// <param name="Running">How many of its jobs workers may hold at once; null for any number.</param>
/// <param name="Waiting">How many of its jobs may wait; null for any number.</param>
public sealed record GroupQuota(long? Running, long? Waiting);
