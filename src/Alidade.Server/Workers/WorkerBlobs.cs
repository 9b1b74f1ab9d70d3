namespace Alidade.Server.Workers;

/// <summary>A worker may read what the attempts it holds need, and nothing else.</summary>
internal static class WorkerBlobs
{
    /// <exception cref="WorkerRefused">It is not 64 lower-case hexadecimal digits.</exception>
    public static void RequireDigest(string sha256)
    {
        if (sha256.Length != 64 || !sha256.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f')))
        {
            throw WorkerRefused.Bad("A blob is named by its SHA-256, 64 lower-case hexadecimal digits.");
        }
    }

    // A digest has no character that means something in a pattern.
    public static bool MayRead(ISession read, long session, string sha256) =>
        read.Scalar<long>(
            """
            SELECT COUNT(*) FROM attempt a JOIN job_detail d ON d.job = a.job
            WHERE a.worker = (SELECT s.worker FROM worker_session s WHERE s.id = @Session)
                AND a.session = @Session AND a.state IN ('granted', 'running')
                AND (d.plugins LIKE @Pattern OR d.inputs LIKE @Pattern)
            """,
            new { Session = session, Pattern = $"%\"{sha256}\"%" }
        ) > 0;
}
