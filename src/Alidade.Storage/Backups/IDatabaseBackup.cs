namespace Alidade.Storage.Backups;

/// <summary>How the database comes into a backup.</summary>
public interface IDatabaseBackup
{
    /// <summary>As the manifest names it.</summary>
    string Name { get; }

    /// <summary>Puts a copy of one instant into the folder.</summary>
    /// <exception cref="BackupException">It cannot be copied.</exception>
    Task<IReadOnlyList<BackupFile>> CopyAsync(string folder, CancellationToken cancellation);

    /// <summary>The newest migration of each file in the folder.</summary>
    IReadOnlyDictionary<string, string> Schema(string folder);
}

/// <summary>The two SQLite files of a data folder.</summary>
public sealed class SqliteBackup(string data) : IDatabaseBackup
{
    private static readonly string[] Stores = ["series", "core"];

    public string Name => "sqlite";

    public async Task<IReadOnlyList<BackupFile>> CopyAsync(string folder, CancellationToken cancellation)
    {
        if (Stores.FirstOrDefault(s => !File.Exists(FileIn(data, s))) is { } missing)
        {
            throw new BackupException(
                $"{data} is no data folder of a server: {missing}.db is missing. Name the folder with --data, "
                    + "or the database with --postgres."
            );
        }

        await Task.Run(
            () => SqliteCut.Copy([.. Stores.Select(s => (FileIn(data, s), FileIn(folder, s)))]),
            cancellation
        );
        var files = new List<BackupFile>();
        foreach (var store in Stores)
        {
            var copy = await Durable.DescribeAsync(FileIn(folder, store), store + ".db", cancellation);
            files.Add(copy with { Mode = Durable.ModeOf(FileIn(data, store)) });
        }

        return files;
    }

    public IReadOnlyDictionary<string, string> Schema(string folder) =>
        Stores.ToDictionary(s => s, s => SqliteCut.NewestMigration(FileIn(folder, s)));

    private static string FileIn(string folder, string store) => Path.Combine(folder, store + ".db");
}

/// <summary>A database that its owner backs up by other means.</summary>
public sealed class NoDatabaseBackup : IDatabaseBackup
{
    public string Name => "none";

    public Task<IReadOnlyList<BackupFile>> CopyAsync(string folder, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<BackupFile>>([]);

    public IReadOnlyDictionary<string, string> Schema(string folder) => new Dictionary<string, string>();
}
