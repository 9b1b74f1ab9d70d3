using Microsoft.Data.Sqlite;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>
/// A session that reads. It takes large files into its address space, where most of what a search costs would be copies of
/// pages; small ones not, because that has to be undone and done again after each write of others, which costs more than
/// what a small read copies. What the disk then refuses ends the process, as it does for a writer.
/// </summary>
/// <param name="files">All that it reads.</param>
internal sealed class SqliteReader(SqliteConnection connection, IReadOnlyList<string> files) : SqliteSession(connection)
{
    /// <summary>Bytes, of all files together.</summary>
    private const long Large = 64 << 20;

    /// <summary>Files grow slowly.</summary>
    private const int ReadsBetweenLooks = 1000;

    private int _reads;
    private bool _isMapped;

    public void Begin()
    {
        if (!_isMapped && _reads++ % ReadsBetweenLooks == 0 && files.Sum(Length) >= Large)
        {
            Query<long>("PRAGMA mmap_size = 2147418112");
            _isMapped = true;
        }

        Execute("BEGIN");
    }

    public void End() => Execute("COMMIT");

    private static long Length(string file) => new FileInfo(file) is { Exists: true } known ? known.Length : 0;
}
