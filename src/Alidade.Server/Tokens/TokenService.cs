using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tokens;

/// <summary>The tokens of the signed-in user: made, listed, revoked.</summary>
public sealed class TokenService(Stores stores)
{
    private const string Kind = "token";
    private static readonly long Day = TimeSpan.FromDays(1).Ticks / 10;

    public Task<TokenCreated> CreateAsync(Caller caller, TokenInput input, CancellationToken cancellation)
    {
        Check(caller, input);
        var secret = ApiToken.New();
        var scopes = input.Scopes.Distinct().ToList();
        var groups = input.Groups?.Distinct().ToList();
        return stores.Core.WriteAsync(
            t =>
            {
                var expires = t.Now + (input.ExpiresInDays * Day);
                var id = t.Scalar<long>(
                    "INSERT INTO api_token (user_id, name, digest, scopes, only_groups, created, expires) "
                        + "VALUES (@UserId, @Name, @Digest, @Scopes, @Groups, @Now, @expires) RETURNING id",
                    new
                    {
                        caller.UserId,
                        input.Name,
                        Digest = Secret.Digest(secret),
                        Scopes = string.Join(' ', scopes),
                        Groups = groups is null ? null : string.Join(' ', groups),
                        t.Now,
                        expires,
                    }
                );
                Audit.Write(t, caller, "create", Kind, id, string.Join(' ', scopes));
                return new TokenCreated(id, input.Name, scopes, groups, Wire.Time(expires), secret);
            },
            cancellation: cancellation
        );
    }

    /// <summary>Tokens that were not revoked, expired ones among them.</summary>
    public Task<Page<TokenView>> ListAsync(Caller caller, Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                const string where = "FROM api_token WHERE user_id = @UserId AND revoked IS NULL";
                var args = new
                {
                    caller.UserId,
                    listing.Limit,
                    listing.Index,
                };
                var rows = s.Query<TokenRow>(
                    $"SELECT id, name, scopes, only_groups, created, expires, used {where} ORDER BY id LIMIT @Limit OFFSET @Index",
                    args
                );
                return Page.Of(
                    "tokens",
                    listing,
                    s.Scalar<long>("SELECT COUNT(*) " + where, args),
                    [.. rows.Select(TokenView.Of)]
                );
            },
            cancellation
        );

    public Task<Deletion> RevokeAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var revoked = t.Execute(
                    "UPDATE api_token SET revoked = @Now WHERE id = @id AND user_id = @UserId AND revoked IS NULL",
                    new
                    {
                        t.Now,
                        id,
                        caller.UserId,
                    }
                );
                if (revoked == 0)
                {
                    throw new NotFoundException(Kind, ("token_id", id));
                }

                Audit.Write(t, caller, "revoke", Kind, id);
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    /// <summary>Ends every token of a user whose password or account is no more.</summary>
    public static void RevokeAll(ITransaction t, long userId) =>
        t.Execute(
            "UPDATE api_token SET revoked = @Now WHERE user_id = @userId AND revoked IS NULL",
            new { t.Now, userId }
        );

    private static void Check(Caller caller, TokenInput input)
    {
        if (input.Scopes.FirstOrDefault(scope => !Scopes.IsName(scope)) is { } unknown)
        {
            throw new InvalidInputException(
                "scopes",
                $"'{unknown}' is no scope. Choose from: {string.Join(", ", Scopes.Names)}."
            );
        }

        if (input.ExpiresInDays is < 1 or > TokenInput.MostDays)
        {
            throw new InvalidInputException("expiresInDays", $"Must be between 1 and {TokenInput.MostDays}.");
        }

        foreach (var group in input.Groups ?? [])
        {
            caller.Require(group, Role.Reader);
        }
    }
}
