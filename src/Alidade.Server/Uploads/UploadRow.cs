using Alidade.Storage.Platform;

namespace Alidade.Server.Uploads;

/// <summary>An upload that is not whole yet, or was recorded a while ago.</summary>
internal sealed record UploadRow
{
    public string Id { get; init; } = "";
    public string Owner { get; init; } = "";
    public string Path { get; init; } = "";
    public long UserId { get; init; }
    public int? Parts { get; init; }
    public long? Size { get; init; }
    public string? Sha256 { get; init; }
    public string? MediaType { get; init; }
    public long Touched { get; init; }
    public string? Done { get; init; }
}

/// <summary>Rows of uploads, as parts of their caller's transaction.</summary>
internal static class UploadRows
{
    public static UploadRow? Find(ISession s, string id) =>
        s.First<UploadRow>("SELECT * FROM upload WHERE id = @id", new { id });

    public static void Add(ITransaction t, UploadRow upload) =>
        t.Execute(
            """
            INSERT INTO upload (id, owner, path, user_id, parts, size, sha256, media_type, touched)
            VALUES (@Id, @Owner, @Path, @UserId, @Parts, @Size, @Sha256, @MediaType, @Touched)
            """,
            upload
        );

    /// <summary>
    /// How many uploads of a user are not whole. Others of the same user wait until this transaction ends: two that counted at
    /// once would each take the last place.
    /// </summary>
    public static long CountOpen(ITransaction t, long user)
    {
        if (t.Dialect == Dialect.Postgres)
        {
            t.Query<long>("SELECT id FROM user_account WHERE id = @user FOR NO KEY UPDATE", new { user });
        }

        return t.Scalar<long>("SELECT COUNT(*) FROM upload WHERE user_id = @user AND done IS NULL", new { user });
    }

    /// <summary>Remembers what the bytes are before they get their name as a blob, so that a crash between loses nothing.</summary>
    public static void SetDone(ITransaction t, string id, string sha256, long size) =>
        t.Execute(
            "UPDATE upload SET done = @sha256, size = @size, touched = @Now WHERE id = @id",
            new
            {
                id,
                sha256,
                size,
                t.Now,
            }
        );

    public static void Delete(ITransaction t, string id) => t.Execute("DELETE FROM upload WHERE id = @id", new { id });

    public static IReadOnlyList<string> Untouched(ISession s, long since, int most) =>
        s.Query<string>($"SELECT id FROM upload WHERE touched < @since ORDER BY touched LIMIT {most}", new { since });
}
