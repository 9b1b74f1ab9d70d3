using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Tokens that let programs in as the signed-in user; for people: a token opens none of this.</summary>
public sealed class TokenClient
{
    private readonly Transport _transport;

    internal TokenClient(Transport transport) => _transport = transport;

    /// <param name="scopes">What it opens: <c>read</c>, <c>track</c>, <c>write</c>, <c>admin</c>, <c>system:read</c>.</param>
    /// <param name="groups">Only these groups; null for all of the user.</param>
    /// <param name="days">How long it works.</param>
    public Task<NewToken> CreateAsync(
        string name,
        IReadOnlyList<string> scopes,
        IReadOnlyList<long>? groups,
        long days,
        CancellationToken cancellation = default
    )
    {
        var body = new Dictionary<string, object>
        {
            ["name"] = name,
            ["scopes"] = scopes,
            ["expiresInDays"] = days,
        };
        if (groups is not null)
        {
            body["groups"] = groups;
        }

        return _transport.PostAsync<NewToken>("tokens/", body, cancellation);
    }

    public async Task<IReadOnlyList<Token>> ListAsync(CancellationToken cancellation = default) =>
        (await _transport.GetAsync<Page<Token>>("tokens/?pageLength=0", cancellation)).Data;

    public Task RevokeAsync(long id, CancellationToken cancellation = default) =>
        _transport.DeleteAsync(FormattableString.Invariant($"tokens/{id}"), cancellation);
}

/// <param name="Secret">Not shown again by the server.</param>
public sealed record NewToken(
    long Id,
    string Name,
    IReadOnlyList<string> Scopes,
    DateTimeOffset ExpiresOn,
    [property: System.Text.Json.Serialization.JsonPropertyName("token")] string Secret
);

public sealed record Token(
    long Id,
    string Name,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<long>? Groups,
    DateTimeOffset CreatedOn,
    DateTimeOffset ExpiresOn,
    DateTimeOffset? UsedOn
);
