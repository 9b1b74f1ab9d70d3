using System.Net;
using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;
using Alidade.Worker.Blobs;
using Alidade.Worker.Environments;
using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;
using Alidade.Worker.Relay;
using Alidade.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker;

/// <summary>Puts the parts of an agent together and runs its loops from the first registration to the last attempt.</summary>
internal sealed class AgentLife : IDisposable
{
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(2);

    private readonly WorkerOptions _options;
    private readonly WorkerFolder _folder;
    private readonly Template _template;
    private readonly AgentFacts _facts;
    private readonly ILogger _log;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;

    private readonly HttpClient _http;
    private readonly HttpClient _renewals;
    private readonly WorkerServer _server;
    private readonly AttemptTable _attempts;
    private readonly SelfFence _fence;
    private readonly SessionKeeper _sessions;
    private readonly RenewLoop _renew;
    private readonly ClaimLoop _claim;
    private readonly DrainNotice _notice;
    private readonly AttemptRunner _runner;
    private readonly BlobCache _blobs;
    private readonly RelayForwarder _relay;
    private readonly EnvironmentStore _environments;
    private readonly SpareFolders _spare;
    private readonly ShownFolders _shown;
    private readonly NextJob _next;
    private readonly RecordTeller _records;
    private readonly SecretPlace _secrets;
    private readonly Templates _templates;
    private readonly WorkSet _work = new();
    private bool _hasRegistered;

    public AgentLife(
        WorkerOptions options,
        WorkerFolder folder,
        Template template,
        AgentFacts facts,
        Backoff backoff,
        ILogger log,
        Action<string> say,
        TimeProvider time
    )
    {
        (_options, _folder, _template, _facts, _log, _say, _time) = (options, folder, template, facts, log, say, time);
        (_http, _renewals) = (NewHttp(options.Server), NewHttp(options.Server));
        _server = new WorkerServer(_http, time);
        _attempts = new AttemptTable(options.Slots);
        _fence = new SelfFence(_attempts, folder.Heard, time, log);
        _sessions = new SessionKeeper(_server, options.Token, IntroduceAsync, _attempts, _fence, backoff, time, log);
        var gate = new ClaimGate();
        _next = new NextJob(gate, _attempts);
        var load = new MachineLoad(options.DataFolder);
        var renewals = new WorkerServer(_renewals, time);
        _renew = new RenewLoop(renewals, _sessions, _attempts, _fence, gate, load, backoff, time, log);
        _claim = new ClaimLoop(_server, _sessions, _attempts, gate, backoff, time, log);
        _notice = new DrainNotice(renewals, _sessions, _attempts, time, log);
        var reliable = new ReliableServer(_server, _sessions, backoff, log);
        _blobs = new BlobCache(folder.Blobs, options.BlobCacheBytes, reliable, time);
        var isSandboxed = facts.Levels[0] != IsolationLevels.Unsandboxed;
        _spare = new SpareFolders(folder.Spare, options.Slots + 1, isSandboxed);
        _secrets = new SecretPlace(SecretPlace.RootOf(options.DataFolder, log), reliable);
        _shown = new ShownFolders(options, log);
        var layout = new AttemptLayout(options, _shown, facts.Levels, _blobs, _spare, _secrets, _fence);
        _relay = new RelayForwarder(_http, reliable, time);
        var artifacts = new ArtifactUploader(reliable);
        var interpreters = new Interpreters(facts.Executable, facts.PythonVersion);
        _environments = new EnvironmentStore(options, folder.Environments, interpreters, time);
        _records = new RecordTeller(reliable, log);
        _templates = new Templates(options, template, facts.Executable, _environments, _records, backoff, time, log);
        _runner = new AttemptRunner(
            _attempts,
            layout,
            _spare,
            _secrets,
            _templates,
            reliable,
            artifacts,
            _next,
            backoff,
            time,
            log
        );
    }

    public async Task RunAsync(CancellationToken drain, CancellationToken leave)
    {
        using var stop = new CancellationTokenSource();
        using var claimStop = CancellationTokenSource.CreateLinkedTokenSource(drain, leave, stop.Token);
        await using var relay = await RelayListener.StartAsync(_options.DataFolder, _attempts, _relay);
        _spare.Clear();
        _blobs.Trim();
        _environments.Trim();
        _next.Open(grant => Begin(grant, stop.Token), claimStop.Token);
        Resume(stop.Token);
        _secrets.Trim(_attempts.All.Select(attempt => attempt.Id));
        Task[] loops =
        [
            _sessions.RunAsync(Registered, stop.Token),
            _renew.RunAsync(stop.Token),
            _fence.RunAsync(stop.Token),
            _template.KeepAsync(stop.Token),
            _claim.RunAsync(grant => Begin(grant, stop.Token), claimStop.Token, stop.Token),
        ];
        try
        {
            var stopped = UntilStoppedAsync(loops[^1], drain, leave);

            // A loop ends by itself only when it cannot go on; the claims also end with the drain.
            var first = await Task.WhenAny([stopped, .. loops[..^1], FaultOf(loops[^1])]);
            await first;
        }
        catch (ServerException e) when (e.Refusal is Refusal.Unauthorized)
        {
            throw new WorkerStoppedException(
                $"The server at {_options.Server} refuses this worker's token ({e.Message}); "
                    + "make another with `alidade worker-token create` and start the worker with it.",
                e
            );
        }
        finally
        {
            await stop.CancelAsync();
            await _work.DoneAsync();
            await _templates.EndAsync();
            await Task.WhenAll(loops).ContinueWith(_ => { }, TaskScheduler.Default);
            await LeaveAsync();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _renewals.Dispose();
    }

    private static HttpClient NewHttp(Uri server)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            UseCookies = false,
            UseProxy = !server.IsLoopback,
        };
        var root = server.AbsoluteUri.EndsWith('/') ? server : new Uri(server.AbsoluteUri + '/');
        return new HttpClient(handler) { BaseAddress = root, Timeout = Timeout.InfiniteTimeSpan };
    }

    private async Task<SessionRequest> IntroduceAsync(CancellationToken cancellation)
    {
        if (_options.DataRoots.Count > 0)
        {
            var token = await _server.DescribeTokenAsync(_options.Token, cancellation);
            _shown.Take(token.DataFolders ?? new Dictionary<string, string>());
        }

        return new(
            _facts.Name,
            Environment.MachineName,
            _options.Queues,
            _options.Slots,
            _options.Labels,
            _facts.Levels,
            WorkerAgent.Version,
            _attempts.Live,
            MachineResources.Of(_options),
            [.. _shown.All.Keys.Order(StringComparer.Ordinal)],
            _folder.Place(),
            _options.AllowUnsandboxed
        );
    }

    private void Registered(WorkerSession session)
    {
        _records.Forget();
        var levels = string.Join(' ', _facts.Levels);
        _log.Registered(_facts.Name, session.Id, _options.Slots, levels, _facts.Python);
        if (!_hasRegistered)
        {
            _hasRegistered = true;
            var slots = _options.Slots == 1 ? "1 slot" : $"{_options.Slots} slots";
            _say($"Worker {_facts.Name} ready: queues {string.Join(", ", _options.Queues)}; {slots}; {levels}");
        }
    }

    private void Resume(CancellationToken stop)
    {
        foreach (var attempt in _folder.Found(_time, _log))
        {
            _attempts.TryAdd(attempt);
            _work.Add(_runner.ResumeAsync(attempt, stop));
        }
    }

    private void Begin(Grant grant, CancellationToken stop)
    {
        var folder = AttemptFolder.Of(_folder.Attempts, grant.Attempt);
        var attempt = new Attempt(grant.Attempt, grant.Job, grant.Fence, Attempt.NewSecret(), folder, _time)
        {
            LostAfter = Attempt.Span(grant.LostAfterSeconds),
        };
        if (_attempts.TryAdd(attempt))
        {
            _log.Granted(attempt.Id, attempt.Job);
            _work.Add(Task.Run(() => _runner.BeginAsync(attempt, grant, stop), CancellationToken.None));
        }
    }

    private async Task UntilStoppedAsync(Task claims, CancellationToken drain, CancellationToken leave)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(drain, leave);
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, either.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        await _notice.GiveAsync(claims, leave);
        if (_attempts.Count == 0 || leave.IsCancellationRequested)
        {
            return;
        }

        var (jobs, them) = _attempts.Count == 1 ? ("1 job", "it") : ($"{_attempts.Count} jobs", "them");
        var wait = _options.DrainWait;
        _say($"{jobs} running, waiting {wait.TotalSeconds:0.#} s; Ctrl-C again to leave {them} to the next start");
        try
        {
            await _attempts.EmptyAsync(leave).WaitAsync(wait, _time, leave);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _log.Left(_attempts.Count);
        }
    }

    /// <summary>Ends the session when nothing is left to present; otherwise the next start takes it over.</summary>
    private async Task LeaveAsync()
    {
        if (!_folder.IsEmpty)
        {
            return;
        }

        using var limit = new CancellationTokenSource(LeaveLimit, _time);
        try
        {
            await _server.LeaveAsync(await _sessions.CurrentAsync(limit.Token), limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ServerException)
        {
            _log.NotLeft(e.Message);
        }
    }

    private static async Task FaultOf(Task loop)
    {
        try
        {
            await loop;
        }
        catch (OperationCanceledException)
        {
            // Stopped, as its callers wanted.
        }

        await Task.Delay(Timeout.InfiniteTimeSpan);
    }
}
