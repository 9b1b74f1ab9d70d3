using System.CommandLine;
using Alidade.Storage.Backups;

namespace Alidade.Commands;

/// <summary>Puts a backup into an empty folder, or checks it.</summary>
internal sealed class RestoreCommand : Command
{
    private readonly ServerFlags _flags = new();
    private readonly Argument<string> _source = new("SRC") { Description = "The folder of the backup" };
    private readonly Option<bool> _check = new("--check")
    {
        Description = "Only read the backup and compare every digest",
    };

    public RestoreCommand()
        : base("restore", "Put a backup into an empty data folder, every digest checked")
    {
        Arguments.Add(_source);
        _flags.AddDataTo(this);
        Options.Add(_check);
        SetAction(
            (parsed, cancellation) =>
                Sentences.OrErrorAsync(() => BackupErrors.AsOneAsync(() => RunAsync(parsed, cancellation)))
        );
    }

    private async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var backup = new BackupReader(parsed.GetRequiredValue(_source));
        var manifest = backup.Manifest;
        if (parsed.GetValue(_check))
        {
            await backup.CheckAsync(cancellation);
            Console.WriteLine($"Backup of {manifest.Taken:u} is whole: {manifest.BlobCount} blobs, every digest right");
            return;
        }

        var options = _flags.Read(parsed);
        RequireDatabase(manifest, options.Store.Postgres);
        await backup.RestoreAsync(
            options.Data,
            d => RestoreDumpAsync(options.Store.Postgres!, d, cancellation),
            cancellation
        );
        Console.WriteLine(
            $"Restored to {Path.GetFullPath(options.Data)} as of {manifest.Taken:u}. Everybody signs in again; "
                + "jobs that ran then are judged at the next start."
        );
        Console.WriteLine(SecretKeySentence.Of(manifest));
        if (manifest.Database == "none")
        {
            Console.WriteLine("The database is not in this backup: restore your own dump of it before the start.");
        }
    }

    private static void RequireDatabase(BackupManifest manifest, string? postgres)
    {
        var given = !string.IsNullOrEmpty(postgres);
        if (manifest.Database == "sqlite" && given)
        {
            throw new BackupException("This backup holds SQLite files, which cannot be restored into PostgreSQL.");
        }

        if (manifest.Database == "postgres" && !given)
        {
            throw new BackupException(
                "This backup holds a PostgreSQL database. Give a new, empty one with --postgres."
            );
        }
    }

    private static Task RestoreDumpAsync(string postgres, string dump, CancellationToken cancellation) =>
        new PostgresBackup(postgres).RestoreAsync(dump, cancellation);
}
