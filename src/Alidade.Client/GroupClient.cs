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
    public Task<GroupQuota> SetQuotaAsync(long group, long? running, CancellationToken cancellation = default) =>
        _transport.PutAsync<GroupQuota>($"groups/{group}/quota", new { running }, cancellation);
}

/// <param name="Running">How many of its jobs workers may hold at once; null for any number.</param>
public sealed record GroupQuota(long? Running);
