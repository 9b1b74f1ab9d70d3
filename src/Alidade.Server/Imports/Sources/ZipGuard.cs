using System.IO.Compression;

namespace Alidade.Server.Imports.Sources;

/// <summary>What a zip may not be, though the framework would read it.</summary>
internal static class ZipGuard
{
    private static ReadOnlySpan<byte> Signature => "PK\x01\x02"u8;

    /// <summary>Bytes of an entry beside its content and its two names: its own header and its line in the directory.</summary>
    private const long Headers = 30 + 46;

    /// <summary>
    /// Counts the lines of the directory before the framework makes an object of each: a million empty entries have room in a
    /// small file and would take ten times its size. Those of a zip that lies in this one count too.
    /// </summary>
    public static async Task RequireFewAsync(Stream archive, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 16];
        var (kept, found) = (0, 0);
        archive.Position = 0;
        for (int read; (read = await archive.ReadAsync(buffer.AsMemory(kept), cancellation)) > 0; )
        {
            var seen = buffer.AsSpan(0, kept + read);
            found += seen.Count(Signature);
            if (found > ImportLimits.Files)
            {
                throw ImportFailure.TooManyFiles();
            }

            // One that is cut here is whole in the next piece, and one that was counted is not kept whole.
            kept = Math.Min(Signature.Length - 1, seen.Length);
            seen[^kept..].CopyTo(buffer);
        }

        archive.Position = 0;
    }

    /// <summary>
    /// Entries that share their bytes: a small archive then stands for a huge one, and what one reader shows of it another need
    /// not unpack.
    /// </summary>
    public static void RequireApart(ZipArchive zip, long length)
    {
        // A character of a name is one byte at least.
        if (zip.Entries.Sum(entry => Headers + (2L * entry.FullName.Length) + entry.CompressedLength) > length)
        {
            throw ImportFailure.Because("Entries of the archive overlap.");
        }
    }
}
