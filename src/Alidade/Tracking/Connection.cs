using Alidade.Client;

namespace Alidade.Tracking;

/// <summary>A server that answers, and what lets the tracked command in there.</summary>
/// <param name="Token">For the command's own calls.</param>
/// <param name="TokenId">Of a token made for it; null when it uses the caller's.</param>
internal sealed record Connection(AlidadeClient Client, string Token, long? TokenId)
{
    private const int TokenDays = 30;

    /// <summary>A program cannot use a person's session, so it gets a token that can only track.</summary>
    /// <exception cref="ApiException">The server does not answer, or refuses.</exception>
    public static async Task<Connection> OpenAsync(
        AlidadeClient client,
        Credentials credentials,
        string name,
        CancellationToken cancellation
    )
    {
        if (credentials.Token is { } own)
        {
            return new Connection(client, own, null);
        }

        var made = await client.Tokens.CreateAsync(name, ["track"], null, TokenDays, cancellation);
        return new Connection(client, made.Secret, made.Id);
    }
}
