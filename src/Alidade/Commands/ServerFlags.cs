using System.CommandLine;
using Alidade.Server.Configuration;

namespace Alidade.Commands;

/// <summary>The flags of a server, and the options that follow from them, the environment and the file.</summary>
internal sealed class ServerFlags
{
    private readonly Option<string?> _file = new("--config")
    {
        Description = "Settings file (default: alidade.yaml, when there is one)",
    };
    private readonly Option<string?> _host = new("--host") { Description = "Address to listen on (default 127.0.0.1)" };
    private readonly Option<int?> _port = new("--port")
    {
        Description = "Port to listen on, 0 for a free one (default 8420)",
    };
    private readonly Option<string?> _data = new("--data") { Description = "Folder for everything the server keeps" };
    private readonly Option<int?> _workers = new("--workers")
    {
        Description = "Workers inside the server: 1, or 0 for none",
    };
    private readonly Option<int?> _slots = new("--slots") { Description = "Jobs the inside worker runs at once" };
    private readonly Option<string?> _registration = new("--registration")
    {
        Description = "Who may make an account: first, open or closed",
    };
    private readonly Option<string?> _tracking = new("--tracking")
    {
        Description = "Whether tracking calls need a token: token or anonymous",
    };
    private readonly Option<string?> _postgres = new("--postgres")
    {
        Description = "Connection string of a PostgreSQL database to use instead of SQLite",
    };
    private readonly Option<string?> _python = new("--python")
    {
        Description = "Interpreter the inside worker runs jobs in",
    };
    private readonly Option<string[]> _dataFolders = new("--data-folder")
    {
        Description = "A folder that jobs of the inside worker may be shown, read-only, at /data/NAME",
        HelpName = "NAME=PATH",
    };
    private readonly Option<bool> _unsandboxed = new("--allow-unsandboxed")
    {
        Description = "Run jobs without a sandbox even with several users",
    };

    public ServerFlags() =>
        _slots.Validators.Add(given =>
        {
            if (given.GetValue(_slots) < 1)
            {
                given.AddError("--slots: a worker needs at least 1; for a server without one give --workers 0.");
            }
        });

    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[]
            {
                _file,
                _host,
                _port,
                _data,
                _workers,
                _slots,
                _registration,
                _tracking,
                _postgres,
                _python,
                _dataFolders,
                _unsandboxed,
            }
        )
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Only those that say where the data is.</summary>
    public void AddDataTo(Command command)
    {
        foreach (var option in new Option[] { _file, _data, _postgres })
        {
            command.Options.Add(option);
        }
    }

    private static string[]? Given(string[]? values) => values is { Length: > 0 } ? values : null;

    /// <exception cref="OptionsException">Something in flags, environment or file is wrong.</exception>
    public ServerOptions Read(ParseResult flags)
    {
        var file = flags.GetValue(_file);
        return new OptionsReader()
            .AddFile(file ?? "alidade.yaml", required: file is not null)
            .AddEnvironment(Environment.GetEnvironmentVariables())
            .AddFlag("Http:Host", flags.GetValue(_host), "--host")
            .AddFlag("Http:Port", flags.GetValue(_port), "--port")
            .AddFlag("Data", flags.GetValue(_data), "--data")
            .AddFlag("Workers", flags.GetValue(_workers), "--workers")
            .AddFlag("Worker:Slots", flags.GetValue(_slots), "--slots")
            .AddFlag("Worker:Python", flags.GetValue(_python), "--python")
            .AddFlag("Worker:DataFolders", Given(flags.GetValue(_dataFolders)), "--data-folder")
            .AddFlag("Worker:AllowUnsandboxed", flags.GetValue(_unsandboxed) ? true : null, "--allow-unsandboxed")
            .AddFlag("Registration", flags.GetValue(_registration), "--registration")
            .AddFlag("Tracking", flags.GetValue(_tracking), "--tracking")
            .AddFlag("Store:Postgres", flags.GetValue(_postgres), "--postgres")
            .Read();
    }
}
