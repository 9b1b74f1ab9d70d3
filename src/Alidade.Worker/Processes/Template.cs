using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Processes;

/// <summary>
/// The fork server of one environment, started again whenever it ends. Jobs that it forked go on without it.
/// </summary>
/// <param name="python">The environment's interpreter.</param>
/// <param name="preloads">Null for those of the worker.</param>
/// <param name="name">Of its folder below the worker's, where its sockets are; no two templates share one.</param>
internal sealed class Template(
    WorkerOptions options,
    string python,
    string name,
    Backoff backoff,
    TimeProvider time,
    ILogger log,
    IReadOnlyList<string>? preloads = null
) : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LaunchLimit = TimeSpan.FromSeconds(60);

    /// <summary>How often the first start is tried when it is killed each time, as where memory is too short for it.</summary>
    private const int FirstStarts = 3;

    // The path of a Unix socket has room for 107 bytes.
    private const int LongestFolder = 80;

    private readonly string _folder = SocketFolder(options.DataFolder, name);
    private TaskCompletionSource<Life> _life = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TemplateProcess? _process;
    private string _python = python;
    private int _lives;

    /// <summary>The first start; what is wrong with interpreter, package or preloads shows here.</summary>
    public async Task<TemplateReady> StartAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_folder);
        foreach (var left in Directory.EnumerateFiles(_folder))
        {
            File.Delete(left);
        }

        for (var tries = 1; ; tries++)
        {
            try
            {
                return await BeginAsync(cancellation);
            }
            catch (TemplateException e) when (e.WasKilled && tries < FirstStarts)
            {
                log.TemplateNotStarted(e.Message);
                await _process!.DisposeAsync();
            }
        }
    }

    /// <summary>Starts it again when it ends, until cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellation)
    {
        for (var failures = 0; ; )
        {
            await _process!.ExitedAsync(cancellation);
            log.TemplateEnded(_process.ExitCode, _process.LastWords);
            Interlocked.Exchange(ref _life, new(TaskCreationOptions.RunContinuationsAsynchronously));
            await _process.DisposeAsync();
            try
            {
                await BeginAsync(cancellation);
                failures = 0;
            }
            catch (TemplateException e)
            {
                log.TemplateNotStarted(e.Message);
                await backoff.DelayAsync(++failures, null, cancellation);
            }
        }
    }

    /// <summary>Has a supervisor run the attempt of a folder that is laid out.</summary>
    /// <param name="tell">Makes known what the attempt's record will refer to, before there is an attempt.</param>
    public async Task<Launched> LaunchAsync(
        string folder,
        Isolation isolation,
        Func<IReadOnlyList<RecordPart>, CancellationToken, Task> tell,
        CancellationToken cancellation
    )
    {
        var started = time.GetTimestamp();
        for (var failures = 0; ; )
        {
            try
            {
                var life = await Volatile.Read(ref _life).Task.WaitAsync(LaunchLimit, time, cancellation);
                await tell(life.Parts, cancellation);
                return await RequestAsync(life, folder, isolation, cancellation)
                    .WaitAsync(LaunchLimit, time, cancellation);
            }
            catch (SocketException e)
            {
                // Not connected, so nothing was asked: the template has just ended and will be there again.
                if (time.GetElapsedTime(started) > LaunchLimit)
                {
                    throw new TemplateException($"The Python template cannot be reached: {e.Message}.", inner: e);
                }

                await backoff.DelayAsync(++failures, null, cancellation);
            }
            catch (TimeoutException e)
            {
                throw new TemplateException("The Python template does not answer.", mayHaveLaunched: true, e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string SocketFolder(string data, string name)
    {
        var folder = Path.Combine(data, "run", name);
        return Encoding.UTF8.GetByteCount(folder) <= LongestFolder
            ? folder
            : Directory.CreateTempSubdirectory("alidade-").FullName;
    }

    private async Task<TemplateReady> BeginAsync(CancellationToken cancellation)
    {
        // A new name each time, so a request can never reach a template that is about to end.
        var socket = Path.Combine(_folder, $"template-{++_lives}.sock");
        _process = TemplateProcess.Start(_python, options, preloads ?? options.Preloads, socket, log);
        try
        {
            var ready = await _process.ReadyAsync(cancellation).WaitAsync(ReadyLimit, time, cancellation);

            // What was named may be a wrapper that looks for the interpreter anew each time; from now on it is named itself.
            _python = ready.Executable;
            _life.TrySetResult(new Life(socket, ready.Parts ?? [], []));
            return ready;
        }
        catch (TimeoutException e)
        {
            await _process.DisposeAsync();
            throw new TemplateException($"The Python template is not ready after {ReadyLimit}.", inner: e);
        }
    }

    private static async Task<Launched> RequestAsync(
        Life life,
        string folder,
        Isolation isolation,
        CancellationToken cancellation
    )
    {
        var stays = isolation.LetsSupervisorStay;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(life.Socket), cancellation);
        var request = new LaunchRequest(
            folder,
            stays,
            stays ? FreeIn(life)?.Pid : null,
            isolation.Level,
            isolation.Network
        );
        var reply = await ExchangeAsync(socket, request, cancellation);
        if (reply is not { Pid: { } pid })
        {
            throw new TemplateException(reply?.Error ?? "The Python template answered nothing.", reply is null);
        }

        var supervisor = ProcessIdentity.Of(pid);
        return new Launched(supervisor, stays ? () => life.Free.Push(supervisor) : null);
    }

    /// <summary>One that is still there: by its number alone another could be meant.</summary>
    private static ProcessIdentity? FreeIn(Life life)
    {
        while (life.Free.TryPop(out var free))
        {
            if (free.IsAlive())
            {
                return free;
            }
        }

        return null;
    }

    /// <summary>One process of the template: where it listens, and what its attempts' records refer to.</summary>
    /// <param name="Free">Supervisors that have run an attempt and stay for another.</param>
    private sealed record Life(string Socket, IReadOnlyList<RecordPart> Parts, ConcurrentStack<ProcessIdentity> Free);

    /// <returns>Null when the template ended with the request in its hands.</returns>
    private static async Task<LaunchReply?> ExchangeAsync(
        Socket socket,
        LaunchRequest request,
        CancellationToken cancellation
    )
    {
        try
        {
            byte[] line =
            [
                .. JsonSerializer.SerializeToUtf8Bytes(request, WorkerJson.Default.LaunchRequest),
                (byte)'\n',
            ];
            await socket.SendAsync(line, cancellation);
            using var reader = new StreamReader(new NetworkStream(socket));
            return await reader.ReadLineAsync(cancellation) is { } answer
                ? JsonSerializer.Deserialize(answer, WorkerJson.Default.LaunchReply)
                : null;
        }
        catch (Exception e) when (e is SocketException or IOException or JsonException)
        {
            return null;
        }
    }
}
