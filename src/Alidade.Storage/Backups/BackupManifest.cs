using System.Text.Json;
using Alidade.Storage.Platform.Migrations;

namespace Alidade.Storage.Backups;

/// <summary>
/// What a backup holds. It is written last and replaced at once, so a backup that was cut off has none, or still the
/// one of the backup before.
/// </summary>
/// <param name="Version">The Alidade that made it.</param>
/// <param name="Database"><c>sqlite</c> or <c>postgres</c>; <c>none</c> when it is backed up by other means.</param>
/// <param name="Schema">The newest migration of each SQLite file.</param>
/// <param name="Folder">Where in the backup the files are.</param>
/// <param name="Blobs">The list of all blobs, which are shared with earlier and later backups.</param>
public sealed record BackupManifest(
    int Format,
    string Version,
    DateTimeOffset Taken,
    string Database,
    IReadOnlyDictionary<string, string> Schema,
    string Folder,
    IReadOnlyList<BackupFile> Files,
    BackupFile Blobs,
    long BlobCount,
    long BlobBytes
)
{
    public const int CurrentFormat = 1;
    public const string Name = "manifest.json";

    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <exception cref="BackupException">There is no whole backup here, or one that this program cannot read.</exception>
    public static BackupManifest Read(string backup)
    {
        var path = Path.Combine(backup, Name);
        if (!File.Exists(path))
        {
            throw new BackupException($"{backup} holds no complete backup: {Name} is missing, which is written last.");
        }

        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), Readable)!;
            manifest.RequireReadable();
            return manifest;
        }
        catch (Exception e) when (e is JsonException or NullReferenceException)
        {
            throw new BackupException($"{path} is damaged: {e.Message}", e);
        }
    }

    internal void Write(string backup)
    {
        var path = Path.Combine(backup, Name);
        Durable.Write(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, Readable));
        Durable.Move(path + ".new", path);
    }

    private void RequireReadable()
    {
        var newer = Schema.FirstOrDefault(s => MigrationFile.Of(s.Key).All(f => f.Name != s.Value));
        if (Format > CurrentFormat || newer.Key is not null)
        {
            throw new BackupException(
                $"This backup was made by Alidade {Version}, which is newer than this program. Use that version or a later one."
            );
        }
    }
}

/// <summary>A file of a backup, by its name in the data folder.</summary>
/// <param name="Mode">Its permissions, where the system has them.</param>
public sealed record BackupFile(string Path, long Size, string Sha256, UnixFileMode? Mode = null);
