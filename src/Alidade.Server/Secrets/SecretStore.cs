using System.Text.Json;
using Alidade.Storage.Platform;

namespace Alidade.Server.Secrets;

/// <summary>The rows of secrets.</summary>
internal static class SecretStore
{
    public static SecretRow? Find(ISession s, long id) =>
        s.First<SecretRow>("SELECT * FROM secret WHERE id = @Id", new { Id = id });

    public static SecretRow? Find(ISession s, long group, string name) =>
        s.First<SecretRow>(
            "SELECT * FROM secret WHERE group_id = @Group AND name = @Name",
            new { Group = group, Name = name }
        );

    public static IReadOnlyList<SecretRow> Of(ISession s, long[] groups) =>
        s.Query<SecretRow>(
            "SELECT * FROM secret WHERE group_id = ANY(@Groups) ORDER BY group_id, name",
            new { Groups = groups }
        );

    public static IReadOnlyList<SecretRow> NotUnder(ISession s, string keyId) =>
        s.Query<SecretRow>("SELECT * FROM secret WHERE key_id <> @Key ORDER BY id", new { Key = keyId });

    public static long Insert(ITransaction tx, SecretRow row) =>
        tx.Scalar<long>(
            """
            INSERT INTO secret (group_id, name, version, key_id, sealed, entrypoints, queues, user_id, created, modified)
            VALUES (@GroupId, @Name, @Version, @KeyId, @Sealed, @Entrypoints, @Queues, @UserId, @Created, @Modified)
            RETURNING id
            """,
            row
        );

    /// <summary>Writes what a change makes of a row, unless it has changed since it was read.</summary>
    public static bool Update(ITransaction tx, SecretRow row, int was) =>
        tx.Execute(
            """
            UPDATE secret SET version = @Version, key_id = @KeyId, sealed = @Sealed, entrypoints = @Entrypoints,
                queues = @Queues, user_id = @UserId, modified = @Modified
            WHERE id = @Id AND version = @Was
            """,
            new
            {
                row.Version,
                row.KeyId,
                row.Sealed,
                row.Entrypoints,
                row.Queues,
                row.UserId,
                row.Modified,
                row.Id,
                Was = was,
            }
        ) == 1;

    public static void Used(ITransaction tx, long id, long job) =>
        tx.Execute(
            "UPDATE secret SET used = @Now, used_job = @Job WHERE id = @Id",
            new
            {
                tx.Now,
                Job = job,
                Id = id,
            }
        );

    public static void Delete(ITransaction tx, long id) =>
        tx.Execute("DELETE FROM secret WHERE id = @Id", new { Id = id });

    public static void DeleteOf(ITransaction tx, long group) =>
        tx.Execute("DELETE FROM secret WHERE group_id = @Group", new { Group = group });

    /// <summary>An empty list is no limit, and written as none.</summary>
    public static string? Limit(IReadOnlyList<long>? ids) =>
        ids is { Count: > 0 } ? JsonSerializer.Serialize(ids.Distinct().Order()) : null;
}
