using System.CommandLine;
using Alidade.Server.Configuration;
using Alidade.Server.Hosting;
using Alidade.Server.Secrets;
using Alidade.Storage.Backups;

namespace Alidade.Commands;

/// <summary>Backs up a data folder, also while a server runs in it.</summary>
internal sealed class BackupCommand : Command
{
    private readonly ServerFlags _flags = new();
    private readonly Argument<string> _destination = new("DEST")
    {
        Description = "An empty or new folder, or one with an earlier backup, to which only what is new is added",
    };
    private readonly Option<bool> _withoutDatabase = new("--without-database")
    {
        Description = "With PostgreSQL: you dump the database yourself, before this command",
    };

    private readonly Option<bool> _withoutKey = new("--without-secret-key")
    {
        Description = "Leave out the key of the secrets, so that who gets the backup cannot open them",
    };

    public BackupCommand()
        : base("backup", "Back up a data folder, also while a server runs in it")
    {
        Arguments.Add(_destination);
        _flags.AddDataTo(this);
        Options.Add(_withoutDatabase);
        Options.Add(_withoutKey);
        SetAction(
            (parsed, cancellation) =>
                Sentences.OrErrorAsync(() => BackupErrors.AsOneAsync(() => RunAsync(parsed, cancellation)))
        );
    }

    private async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var options = _flags.Read(parsed);
        var destination = parsed.GetRequiredValue(_destination);
        var database = DatabaseOf(options, parsed.GetValue(_withoutDatabase));
        var left = parsed.GetValue(_withoutKey) ? [SecretKeys.FileName] : (string[])[];
        var writer = new BackupWriter(destination, database, Health.Version, TimeProvider.System, left);
        var (manifest, added) = await writer.WriteAsync(options.Data, cancellation);
        Console.WriteLine(
            $"Backup complete: {options.Data} as of {manifest.Taken:u}, {manifest.Files.Count} files, "
                + $"{manifest.BlobCount} blobs ({added} new) in {Path.GetFullPath(destination)}"
        );
        if (File.Exists(Path.Combine(options.Data, SecretKeys.FileName)))
        {
            Console.WriteLine(SecretKeySentence.Of(manifest));
        }

        if (manifest.Database == "none")
        {
            Console.WriteLine("The database is not in it. Keep the dump you made before together with this folder.");
        }
    }

    private static IDatabaseBackup DatabaseOf(ServerOptions options, bool without) =>
        (options.Store.Postgres, without) switch
        {
            ({ Length: > 0 }, true) => new NoDatabaseBackup(),
            ({ Length: > 0 } address, false) => new PostgresBackup(address),
            (_, true) => throw new BackupException(
                "--without-database is for PostgreSQL: SQLite files need no other way."
            ),
            _ => new SqliteBackup(Path.GetFullPath(options.Data)),
        };
}
