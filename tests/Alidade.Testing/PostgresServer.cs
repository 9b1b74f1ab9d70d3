using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Postgres;
using Npgsql;

namespace Alidade.Testing;

/// <summary>
/// A private PostgreSQL server for the tests of this process: started once, on a free port, in a temporary folder, and
/// stopped by its own process id. Every test takes a database of its own.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly Lazy<Task<PostgresServer>> Shared = new(StartAsync);
    private static readonly Lazy<Task> Migrated = new(MigrateAsync);
    private static int _databases;

    private static readonly string Bin =
        Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin";

    private readonly string _folder;
    private readonly Process _process;
    private readonly int _port;

    private PostgresServer(string folder, Process process, int port) =>
        (_folder, _process, _port) = (folder, process, port);

    /// <summary>The connection string of a new, empty database.</summary>
    public static Task<string> NewDatabaseAsync() => CreateAsync($"test_{Interlocked.Increment(ref _databases)}", "");

    /// <summary>The same with the newest schema, which is copied: to migrate each anew was most of its making.</summary>
    public static async Task<string> NewMigratedDatabaseAsync()
    {
        await Migrated.Value;
        return await CreateAsync($"test_{Interlocked.Increment(ref _databases)}", "TEMPLATE migrated");
    }

    private static async Task MigrateAsync()
    {
        var database = await CreateAsync("migrated", "") + ";Pooling=false";
        foreach (var migrations in (string[])["core", "series"])
        {
            await PostgresStore.Open(database, migrations, new MonotonicClock(TimeProvider.System)).DisposeAsync();
        }
    }

    /// <summary>Takes a database from under whoever uses it.</summary>
    public static async Task DropAsync(string database) =>
        await RunAsync(
            await Shared.Value,
            $"DROP DATABASE {new NpgsqlConnectionStringBuilder(database).Database} WITH (FORCE)"
        );

    private static async Task<string> CreateAsync(string name, string options)
    {
        var server = await Shared.Value;
        await RunAsync(server, $"CREATE DATABASE {name} {options}");
        return server.ConnectionString(name);
    }

    private static async Task RunAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public void Dispose()
    {
        var stop = AsPostgres($"{Bin}/pg_ctl", "-D", Path.Combine(_folder, "data"), "-m", "immediate", "-w", "stop");
        Start(stop).WaitForExit(TimeSpan.FromSeconds(5));
        Start(["rm", "-rf", _folder]).WaitForExit(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("alidade-pg-").FullName;
        var data = Path.Combine(folder, "data");
        var port = FreePort();
        if (Environment.IsPrivilegedProcess)
        {
            // PostgreSQL refuses to run as root.
            await RunAsync("chown", "postgres", folder);
        }

        await RunAsync(
            AsPostgres(
                $"{Bin}/initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C.UTF-8"
            )
        );
        var process = Start(
            AsPostgres(
                $"{Bin}/postgres",
                "-D",
                data,
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                $"port={port}",
                "-c",
                $"unix_socket_directories={folder}",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=200"
            )
        );
        var server = new PostgresServer(folder, process, port);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        await server.AnswersAsync();
        return server;
    }

    private async Task AnswersAsync()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (tries < 200 && !_process.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Maximum Pool Size=20";

    private static string[] AsPostgres(params string[] command) =>
        Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", .. command] : command;

    private static async Task RunAsync(params string[] command)
    {
        using var process = Start(command);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}");
        }
    }

    private static Process Start(string[] command)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..])
            {
                WorkingDirectory = "/",
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
