using System.Net;
using System.Net.Http.Headers;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>
/// A typed client of <c>/api/v1</c>. One instance serves many callers at once; every failure is an
/// <see cref="ApiException"/>, except cancellation.
/// </summary>
public sealed class AlidadeClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly CookieContainer _cookies = new();

    /// <param name="server">Where the server is, without <c>/api/v1</c>.</param>
    /// <param name="credentials">Null to sign in later with <see cref="UserClient.SignInAsync"/>, or not at all.</param>
    public AlidadeClient(Uri server, Credentials? credentials = null, TimeProvider? time = null)
    {
        Server = server;
        // No limit of its own: a download or a long poll may last, and callers hold a cancellation token.
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies })
        {
            BaseAddress = new Uri(server, "/api/v1/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(
            new ProductInfoHeaderValue("alidade-client", typeof(AlidadeClient).Assembly.GetName().Version?.ToString(3))
        );
        if (credentials?.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach (var (name, value) in credentials?.Cookies ?? new Dictionary<string, string>())
        {
            _cookies.Add(server, new Cookie(name, value, "/"));
        }

        var transport = new Transport(_http, time ?? TimeProvider.System);
        Users = new UserClient(transport);
        ParameterTypes = new ResourceClient<ParameterType, ParameterTypeContent>(transport, "pluginParameterTypes");
        Queues = new QueueClient(transport);
        Plugins = new PluginClient(transport);
        Entrypoints = new EntrypointClient(transport);
        Experiments = new ExperimentClient(transport);
        Workflows = new WorkflowClient(transport);
        Jobs = new JobClient(transport);
        Artifacts = new ArtifactClient(transport);
        Runs = new RunClient(transport);
        Trash = new TrashClient(transport);
        Live = new LiveClient(transport);
        Tokens = new TokenClient(transport);
        WorkerTokens = new WorkerTokenClient(transport);
        Workers = new WorkerClient(transport);
        Secrets = new SecretClient(transport);
        Groups = new GroupClient(transport);
    }

    public Uri Server { get; }

    public UserClient Users { get; }

    public ResourceClient<ParameterType, ParameterTypeContent> ParameterTypes { get; }

    public QueueClient Queues { get; }

    public PluginClient Plugins { get; }

    public EntrypointClient Entrypoints { get; }

    public ExperimentClient Experiments { get; }

    public WorkflowClient Workflows { get; }

    public JobClient Jobs { get; }

    public ArtifactClient Artifacts { get; }

    public RunClient Runs { get; }

    public TrashClient Trash { get; }

    public LiveClient Live { get; }

    public TokenClient Tokens { get; }

    public WorkerTokenClient WorkerTokens { get; }

    public WorkerClient Workers { get; }
    public SecretClient Secrets { get; }

    public GroupClient Groups { get; }

    /// <summary>The session cookies of this client, to be kept and given to a later one.</summary>
    public Credentials Session() =>
        new(null, _cookies.GetCookies(Server).ToDictionary(cookie => cookie.Name, cookie => cookie.Value));

    public void Dispose() => _http.Dispose();
}

/// <summary>What proves who the caller is: a token, or the cookies of a session.</summary>
public sealed record Credentials(string? Token, IReadOnlyDictionary<string, string>? Cookies)
{
    private const string Variable = "ALIDADE_TOKEN";
    private const string TokenPrefix = "alt_";

    /// <summary>Whether the token looks like one of a user; a worker's opens nothing of what a client asks for.</summary>
    public bool IsApiToken =>
        Token is { } token
        && token.StartsWith(TokenPrefix, StringComparison.Ordinal)
        && token.All(c => c is > ' ' and < '\x7f');

    /// <summary>What the environment variable <c>ALIDADE_TOKEN</c> holds; null when it is empty or not set.</summary>
    public static Credentials? OfEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } token ? new Credentials(token, null) : null;
}
