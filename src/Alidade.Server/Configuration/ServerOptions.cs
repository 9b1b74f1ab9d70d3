namespace Alidade.Server.Configuration;

/// <summary>
/// Everything a server can be told, from <c>alidade.yaml</c>, the environment (<c>ALIDADE__HTTP__PORT</c>) and flags, each
/// overriding the one before.
/// </summary>
public sealed record ServerOptions
{
    /// <summary>The folder everything is kept in.</summary>
    public string Data { get; init; } = DefaultData;

    /// <summary>How many workers run inside the server: 0 or 1.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Who may make an account: <c>first</c> (from this machine, until one exists), <c>open</c> or <c>closed</c>.</summary>
    public string Registration { get; init; } = "first";

    /// <summary>Whether tracking calls need a token: <c>token</c>, or <c>anonymous</c> on loopback.</summary>
    public string Tracking { get; init; } = "token";

    public HttpOptions Http { get; init; } = new();

    public StoreOptions Store { get; init; } = new();

    public WorkerDefaults Worker { get; init; } = new();

    public ImportOptions Import { get; init; } = new();

    public SecretOptions Secrets { get; init; } = new();

    public TrashOptions Trash { get; init; } = new();

    public LimitOptions Limits { get; init; } = new();

    private static string DefaultData =>
        Path.Combine(
            Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
                ? home
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"),
            "alidade"
        );
}

/// <summary>Where the server listens.</summary>
public sealed record HttpOptions
{
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; } = 8420;

    /// <summary>Other origins whose pages may make changes with a session cookie.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>
    /// Addresses of proxies in front of this server. Only they are believed when they say for whom they ask and whether it
    /// came by https.
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    public bool IsLoopback =>
        Host == "localhost"
        || (System.Net.IPAddress.TryParse(Host, out var address) && System.Net.IPAddress.IsLoopback(address));

    /// <summary>Whether others come through a proxy, as far as the settings tell.</summary>
    public bool IsBehindProxy => AllowedOrigins.Count + TrustedProxies.Count > 0;

    /// <summary>Whether nobody but this machine reaches the server.</summary>
    public bool IsPrivate => IsLoopback && !IsBehindProxy;
}

/// <summary>Which database holds the truth.</summary>
public sealed record StoreOptions
{
    /// <summary>Connection string of a PostgreSQL database; without it SQLite files in the data folder are used.</summary>
    public string? Postgres { get; init; }
}

/// <summary>The worker inside the server.</summary>
public sealed record WorkerDefaults
{
    /// <summary>Attempts at once; 0 means one for each processor.</summary>
    public int Slots { get; init; }

    /// <summary>The interpreter jobs run in; empty finds one.</summary>
    public string Python { get; init; } = "";

    /// <summary>A folder of wheels that the environments of jobs are made from; empty for the index pip is configured with.</summary>
    public string Wheels { get; init; } = "";

    /// <summary>Modules imported once, before jobs are forked.</summary>
    public IReadOnlyList<string> Preload { get; init; } = [];

    /// <summary>Folders that jobs may be shown, read-only, each written <c>NAME=PATH</c>.</summary>
    public IReadOnlyList<string> DataFolders { get; init; } = [];

    /// <summary>Folders below which the worker's pool may declare further data folders.</summary>
    public IReadOnlyList<string> DataRoots { get; init; } = [];

    /// <summary>The best isolation to use: <c>L1</c>, <c>L1c</c> or <c>L0</c>; empty takes the best that works.</summary>
    public string Isolation { get; init; } = "";

    /// <summary>Whether jobs have a network; unset gives them one only while the server has one user.</summary>
    public bool? Network { get; init; }

    /// <summary>Runs jobs without a sandbox although the server has more than one user.</summary>
    public bool AllowUnsandboxed { get; init; }
}

/// <summary>How secrets are kept.</summary>
public sealed record SecretOptions
{
    /// <summary>
    /// The file with the keys they are sealed under, for its owner alone; empty for <c>secrets.key</c> in the data folder.
    /// Servers over one database need the same file.
    /// </summary>
    public string KeyFile { get; init; } = "";
}

/// <summary>Where resources may be imported from.</summary>
public sealed record ImportOptions
{
    /// <summary>Hosts of git repositories, such as <c>github.com</c> or <c>*.example.org</c>; none given allows every host.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Also allows git repositories in the server's own file system.</summary>
    public bool LocalRepositories { get; init; }
}

/// <summary>How long what was deleted, left or lost is kept.</summary>
public sealed record TrashOptions
{
    /// <summary>Days until what is in the trash is purged.</summary>
    public int KeepDays { get; init; } = 30;

    /// <summary>Hours that a blob which nothing refers to stays after it was put: what will refer to it may be on its way.</summary>
    public int GraceHours { get; init; } = 24;

    /// <summary>Hours after which an upload that nobody goes on with is thrown away.</summary>
    public int UploadHours { get; init; } = 48;
}

/// <summary>How much of one thing there may be, so that nobody takes the room of the others.</summary>
public sealed record LimitOptions
{
    /// <summary>Different metrics of a run.</summary>
    public int MetricsOfRun { get; init; } = 100_000;

    /// <summary>Results, parameters, tags, artifacts and states of steps that an attempt records.</summary>
    public int RecordsOfAttempt { get; init; } = 50_000;

    /// <summary>Uploads of a user that are not complete.</summary>
    public int UploadsOfUser { get; init; } = 1000;
}
