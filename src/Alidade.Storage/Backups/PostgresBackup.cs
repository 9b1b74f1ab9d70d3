using System.Diagnostics;
using Npgsql;

namespace Alidade.Storage.Backups;

/// <summary>A PostgreSQL database through its own tools, which know its version and take a snapshot of one instant.</summary>
public sealed class PostgresBackup(string connection) : IDatabaseBackup
{
    public const string FileName = "postgres.dump";

    public string Name => "postgres";

    public async Task<IReadOnlyList<BackupFile>> CopyAsync(string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, FileName);
        await RunAsync("pg_dump", ["--format=custom", "--no-owner", "--no-acl", "--file", path], cancellation);
        return [await Durable.DescribeAsync(path, FileName, cancellation)];
    }

    public IReadOnlyDictionary<string, string> Schema(string folder) => new Dictionary<string, string>();

    /// <summary>Restores a dump into the database, all of it or nothing.</summary>
    /// <exception cref="BackupException">The database is not empty, or the tool failed.</exception>
    public async Task RestoreAsync(string dump, CancellationToken cancellation)
    {
        await using (var database = NpgsqlDataSource.Create(connection))
        await using (
            var tables = database.CreateCommand(
                "SELECT COUNT(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
        )
        {
            if (await tables.ExecuteScalarAsync(cancellation) is not 0L)
            {
                throw new BackupException(
                    "The PostgreSQL database is not empty. Create a new one and restore into it."
                );
            }
        }

        string[] flags = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-acl"];
        var name = new NpgsqlConnectionStringBuilder(connection).Database!;
        await RunAsync("pg_restore", [.. flags, "--dbname", name, dump], cancellation);
    }

    /// <summary>The address and the password go by the environment, which other users of the machine cannot read.</summary>
    private async Task RunAsync(string tool, string[] arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardError = true };
        foreach (var (name, value) in Variables(new NpgsqlConnectionStringBuilder(connection)))
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        try
        {
            var said = await process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != 0)
            {
                throw new BackupException($"{tool} failed: {said.Trim()}");
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BackupException(
                $"{start.FileName} was not found. Install PostgreSQL's client programs (on Debian: postgresql-client), "
                    + "of the server's version or a later one; or handle the database by other means, before the blobs, "
                    + "and use --without-database here.",
                e
            );
        }
    }

    private static IEnumerable<(string Name, string? Value)> Variables(NpgsqlConnectionStringBuilder address) =>
        new (string, string?)[]
        {
            ("PGHOST", address.Host),
            ("PGPORT", $"{address.Port}"),
            ("PGDATABASE", address.Database),
            ("PGUSER", address.Username),
            ("PGPASSWORD", address.Password),
            ("PGPASSFILE", address.Passfile),
        }.Where(v => !string.IsNullOrEmpty(v.Item2));
}
