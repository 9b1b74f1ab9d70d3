using Alidade.Client;

namespace Alidade.EndToEnd.Tests.Support;

/// <summary>A real server with its worker, in a process of its own, and an account to use it.</summary>
internal sealed class LiveServer : IAsyncDisposable
{
    private const string Username = "tester";
    private const string Password = "correct horse battery staple";

    private readonly string _data;
    private readonly string[] _flags;
    private RunningProgram _program;

    private LiveServer(string data, string[] flags, RunningProgram program, Uri url)
    {
        (_data, _flags) = (data, flags);
        _program = program;
        Url = url;
        Client = new AlidadeClient(url);
    }

    public Uri Url { get; }

    public AlidadeClient Client { get; }

    public int ProcessId => _program.Id;

    public string Output => _program.Output;

    /// <summary>Starts over a folder; on an empty one it makes the first account, and signs in.</summary>
    public static async Task<LiveServer> StartAsync(string data, CancellationToken cancellation, params string[] flags)
    {
        var server = await OpenAsync(data, flags, cancellation);
        await server.Client.Users.RegisterAsync(Username, "tester@example.org", Password, cancellation);
        await server.Client.Users.SignInAsync(Username, Password, cancellation);
        return server;
    }

    /// <summary>Starts over a folder where the account is known, and signs in.</summary>
    public static async Task<LiveServer> ResumeAsync(string data, CancellationToken cancellation)
    {
        var server = await OpenAsync(data, [], cancellation);
        await server.Client.Users.SignInAsync(Username, Password, cancellation);
        return server;
    }

    /// <summary>Ends it as a power cut would, and starts it again over the same folder at the same address.</summary>
    public async Task KillAsync()
    {
        _program.Signal(RunningProgram.SigKill);
        await _program.EndAsync(CancellationToken.None);
        await _program.DisposeAsync();
    }

    public Task StartAgainAsync(CancellationToken cancellation) => StartAgainAsync(_flags, cancellation);

    public async Task StartAgainAsync(string[] flags, CancellationToken cancellation) =>
        (_program, _) = await LaunchAsync(_data, Url.Port, flags, cancellation);

    /// <summary>The credentials file of <c>alidade login</c>, as if the account had signed in from this home.</summary>
    public async Task SignInAsync(string home, CancellationToken cancellation)
    {
        await using var login = RunningProgram.Start(
            Path.Combine(AppContext.BaseDirectory, "alidade"),
            ["login", "--server", Url.ToString(), "--username", Username],
            home,
            Password + "\n"
        );
        Assert.True(await login.EndAsync(cancellation) == 0, login.Output);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _program.DisposeAsync();
    }

    private static async Task<LiveServer> OpenAsync(string data, string[] flags, CancellationToken cancellation)
    {
        var (program, url) = await LaunchAsync(data, 0, flags, cancellation);
        return new LiveServer(data, flags, program, url);
    }

    private static async Task<(RunningProgram, Uri)> LaunchAsync(
        string data,
        int port,
        string[] flags,
        CancellationToken cancellation
    )
    {
        var program = RunningProgram.Alidade(
            Path.GetDirectoryName(data)!,
            ["serve", "--port", $"{port}", "--data", data, .. flags]
        );
        var line = await program.HearAsync("Alidade ready: ", cancellation);
        return (program, new Uri(line.Split(' ')[2]));
    }
}
