using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Workers;

/// <summary>What a set of workers may serve.</summary>
public sealed record PoolRow
{
    public long Id { get; init; }
    public string Name { get; init; } = "";

    /// <summary>JSON list of queue names, with <c>*</c> for any characters.</summary>
    public string Queues { get; init; } = "[]";
    public int Slots { get; init; }

    /// <summary>JSON object of read-only folders by name.</summary>
    public string Data { get; init; } = "{}";
    public long Created { get; init; }

    public IReadOnlyList<string> QueueNames => JsonSerializer.Deserialize<string[]>(Queues)!;

    /// <summary>Paths on the workers' machines, by name.</summary>
    public IReadOnlyDictionary<string, string> DataFolders =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(Data)!;
}

/// <summary>A secret that lets workers into a pool; only its digest is kept.</summary>
public sealed record TokenRow
{
    public long Id { get; init; }
    public long Pool { get; init; }
    public string Name { get; init; } = "";
    public long Created { get; init; }
    public long? Used { get; init; }
    public long? Revoked { get; init; }
}

/// <summary>Pools and the tokens of their workers.</summary>
public static class Pools
{
    /// <summary>The pool of this name; made with these groups when it is not there yet.</summary>
    /// <param name="groups">Groups whose queues its workers serve; none means every group.</param>
    public static long Ensure(
        ITransaction tx,
        string name,
        IReadOnlyList<long> groups,
        IReadOnlyList<string> queues,
        int slots,
        long? user
    )
    {
        if (tx.First<PoolRow>("SELECT * FROM pool WHERE name = @Name", new { Name = name }) is { } pool)
        {
            return pool.Id;
        }

        var id = tx.Scalar<long>(
            """
            INSERT INTO pool (name, queues, slots, data, user_id, created)
            VALUES (@Name, @Queues, @Slots, '{}', @User, @Now) RETURNING id
            """,
            new
            {
                Name = name,
                Queues = JsonSerializer.Serialize(queues),
                Slots = slots,
                User = user,
                tx.Now,
            }
        );
        foreach (var group in groups)
        {
            tx.Execute("INSERT INTO pool_group (pool, group_id) VALUES (@Id, @Group)", new { Id = id, Group = group });
        }

        return id;
    }

    public static PoolRow? Find(ISession read, long pool) =>
        read.First<PoolRow>("SELECT * FROM pool WHERE id = @Pool", new { Pool = pool });

    public static IReadOnlyList<PoolRow> All(ISession read) => read.Query<PoolRow>("SELECT * FROM pool ORDER BY name");

    public static void SetDataFolders(ITransaction tx, long pool, IReadOnlyDictionary<string, string> folders) =>
        tx.Execute(
            "UPDATE pool SET data = @Data WHERE id = @Pool",
            new { Data = JsonSerializer.Serialize(folders), Pool = pool }
        );

    /// <summary>The groups a pool serves; empty means every group.</summary>
    public static IReadOnlyList<long> Groups(ISession read, long pool) =>
        read.Query<long>("SELECT group_id FROM pool_group WHERE pool = @Pool ORDER BY group_id", new { Pool = pool });

    public static long AddToken(ITransaction tx, long pool, string name, string secret, long? user) =>
        tx.Scalar<long>(
            """
            INSERT INTO worker_token (pool, name, hash, user_id, created) VALUES (@Pool, @Name, @Hash, @User, @Now)
            RETURNING id
            """,
            new
            {
                Pool = pool,
                Name = name,
                Hash = Digest(secret),
                User = user,
                tx.Now,
            }
        );

    public static IReadOnlyList<TokenRow> Tokens(ISession read, long pool) =>
        read.Query<TokenRow>(
            "SELECT id, pool, name, created, used, revoked FROM worker_token WHERE pool = @Pool ORDER BY id",
            new { Pool = pool }
        );

    /// <summary>The token of this secret, unless it was revoked.</summary>
    public static TokenRow? Token(ISession read, string secret) =>
        read.First<TokenRow>(
            "SELECT id, pool, name, created, used, revoked FROM worker_token WHERE hash = @Hash AND revoked IS NULL",
            new { Hash = Digest(secret) }
        );

    /// <summary>Ends the token and the sessions that began with it.</summary>
    public static bool Revoke(ITransaction tx, long token)
    {
        tx.Execute(
            "UPDATE worker_session SET state = 'revoked', ended = @Now WHERE token = @Token AND ended IS NULL",
            new { tx.Now, Token = token }
        );
        return tx.Execute(
                "UPDATE worker_token SET revoked = @Now WHERE id = @Token AND revoked IS NULL",
                new { tx.Now, Token = token }
            ) == 1;
    }

    /// <summary>Secrets are long and random, so a plain digest keeps them.</summary>
    public static string Digest(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
