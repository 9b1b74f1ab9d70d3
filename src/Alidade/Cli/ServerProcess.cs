using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Alidade.Cli;

/// <summary>An <c>alidade serve</c> of our own, started as a child and ended with us.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Ready = "Alidade ready: ";
    private const int SigTerm = 15;

    private readonly Process _process;

    private ServerProcess(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>Starts a server and waits for its ready line.</summary>
    /// <exception cref="CommandException">It ended before; what it said is in the message.</exception>
    public static async Task<ServerProcess> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["serve", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        var said = new List<string>();
        var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = PumpAsync(process.StandardOutput, line => Hear(line, said, ready));
        var errors = PumpAsync(process.StandardError, line => Hear(line, said, ready));
        var ended = Task.WhenAll(output, errors);
        try
        {
            if (await Task.WhenAny(ready.Task, ended).WaitAsync(cancellation) == ended && !ready.Task.IsCompleted)
            {
                await process.WaitForExitAsync(cancellation);
                lock (said)
                {
                    throw new CommandException($"The server did not start:\n{string.Join('\n', said)}");
                }
            }

            return new ServerProcess(process, await ready.Task);
        }
        catch
        {
            await EndAsync(process);
            throw;
        }
    }

    public Task WaitForExitAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    public async ValueTask DisposeAsync() => await EndAsync(_process);

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
        {
            _ = Kill(process.Id, SigTerm);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }

    private static void Hear(string line, List<string> said, TaskCompletionSource<Uri> ready)
    {
        if (line.StartsWith(Ready, StringComparison.Ordinal))
        {
            ready.TrySetResult(new Uri(line[Ready.Length..].Split(' ')[0]));
        }
        else if (!ready.Task.IsCompleted)
        {
            lock (said)
            {
                said.Add(line);
            }
        }
    }

    /// <summary>Reads to the end, so that the server never blocks on a full pipe.</summary>
    private static async Task PumpAsync(StreamReader reader, Action<string> hear)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            hear(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
