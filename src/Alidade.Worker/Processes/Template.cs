using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Processes;

/// <summary>
/// The fork server of one environment, started again whenever it ends. Jobs that it forked go on without it.
/// </summary>
internal sealed class Template(WorkerOptions options, Backoff backoff, TimeProvider time, ILogger log)
    : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LaunchLimit = TimeSpan.FromSeconds(60);

    // The path of a Unix socket has room for 107 bytes.
    private const int LongestFolder = 80;

    private readonly string _folder = SocketFolder(options.DataFolder);
    private TaskCompletionSource<string> _socket = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TemplateProcess? _process;
    private string _python = options.Python;
    private int _lives;

    /// <summary>The first start; what is wrong with interpreter, package or preloads shows here.</summary>
    public async Task<TemplateReady> StartAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_folder);
        foreach (var left in Directory.EnumerateFiles(_folder))
        {
            File.Delete(left);
        }

        return await BeginAsync(cancellation);
    }

    /// <summary>Starts it again when it ends, until cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancellation)
    {
        for (var failures = 0; ; )
        {
            await _process!.ExitedAsync(cancellation);
            log.TemplateEnded(_process.ExitCode, _process.LastWords);
            Interlocked.Exchange(ref _socket, new(TaskCreationOptions.RunContinuationsAsynchronously));
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

    /// <summary>Forks a supervisor for a folder that is laid out, and returns its process.</summary>
    public async Task<ProcessIdentity> LaunchAsync(string folder, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        for (var failures = 0; ; )
        {
            try
            {
                return await RequestAsync(folder, cancellation).WaitAsync(LaunchLimit, time, cancellation);
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

    private static string SocketFolder(string data)
    {
        var folder = Path.Combine(data, "run");
        return Encoding.UTF8.GetByteCount(folder) <= LongestFolder
            ? folder
            : Directory.CreateTempSubdirectory("alidade-").FullName;
    }

    private async Task<TemplateReady> BeginAsync(CancellationToken cancellation)
    {
        // A new name each time, so a request can never reach a template that is about to end.
        var socket = Path.Combine(_folder, $"template-{++_lives}.sock");
        _process = TemplateProcess.Start(_python, options, socket, log);
        try
        {
            var ready = await _process.ReadyAsync(cancellation).WaitAsync(ReadyLimit, time, cancellation);

            // What was named may be a wrapper that looks for the interpreter anew each time; from now on it is named itself.
            _python = ready.Executable;
            _socket.TrySetResult(socket);
            return ready;
        }
        catch (TimeoutException e)
        {
            await _process.DisposeAsync();
            throw new TemplateException($"The Python template is not ready after {ReadyLimit}.", inner: e);
        }
    }

    private async Task<ProcessIdentity> RequestAsync(string folder, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(await SocketAsync(cancellation)), cancellation);
        var reply = await ExchangeAsync(socket, new LaunchRequest(folder), cancellation);
        return reply is { Pid: { } pid }
            ? ProcessIdentity.Of(pid)
            : throw new TemplateException(reply?.Error ?? "The Python template answered nothing.", reply is null);
    }

    private Task<string> SocketAsync(CancellationToken cancellation) =>
        Volatile.Read(ref _socket).Task.WaitAsync(cancellation);

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
