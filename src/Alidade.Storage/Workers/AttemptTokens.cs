using Alidade.Storage.Platform;

namespace Alidade.Storage.Workers;

/// <summary>Whose attempt a token stands for.</summary>
public sealed record AttemptOwner
{
    public long Attempt { get; init; }
    public long Job { get; init; }
    public string Run { get; init; } = "";
    public long Experiment { get; init; }
    public long GroupId { get; init; }
    public long UserId { get; init; }
    public string Username { get; init; } = "";
    public long PublicGroup { get; init; }
}

/// <summary>Tokens that let a running job reach what is its own; they die with the attempt.</summary>
public static class AttemptTokens
{
    private const string Alive = "a.state IN ('granted', 'running') AND j.attempt = a.id AND j.fence = a.fence";

    /// <returns>False when the attempt is not this session's any more.</returns>
    public static bool Issue(ITransaction tx, long session, long attempt, long fence, string digest, long expires)
    {
        tx.Execute("DELETE FROM attempt_token WHERE expires <= @Now", new { tx.Now });
        var issued = tx.Execute(
            $"""
            INSERT INTO attempt_token (digest, attempt, expires)
            SELECT @Digest, a.id, @Expires FROM attempt a JOIN job j ON j.id = a.job
            WHERE a.id = @Attempt AND a.session = @Session AND a.fence = @Fence AND {Alive}
            """,
            new
            {
                Digest = digest,
                Expires = expires,
                Attempt = attempt,
                Session = session,
                Fence = fence,
            }
        );
        return issued == 1;
    }

    /// <summary>Null when the token is unknown or has expired, or its attempt has ended or changed hands.</summary>
    public static AttemptOwner? Find(ISession read, string digest, long now) =>
        read.First<AttemptOwner>(
            $"""
            SELECT a.id AS attempt, j.id AS job, d.run, j.experiment, j.group_id, j.user_id, u.username,
                g.id AS public_group
            FROM attempt_token t
            JOIN attempt a ON a.id = t.attempt
            JOIN job j ON j.id = a.job AND j.deleted IS NULL
            JOIN job_detail d ON d.job = j.id
            JOIN worker_session s ON s.id = a.session AND s.state <> 'revoked'
            JOIN user_account u ON u.id = j.user_id
            JOIN user_group g ON g.name = 'public'
            WHERE t.digest = @Digest AND t.expires > @Now AND {Alive}
            """,
            new { Digest = digest, Now = now }
        );
}
