using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Alidade.EndToEnd.Tests.Support;

/// <summary>A program as a person starts it: its own process, its own output.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly SemaphoreSlim _heard = new(0);
    private readonly Task _output;
    private bool _disposed;

    private RunningProgram(Process process)
    {
        _process = process;
        _output = Task.WhenAll(PumpAsync(process.StandardOutput), PumpAsync(process.StandardError));
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Everything said so far, on both streams.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>The executable under test, built beside the tests.</summary>
    public static RunningProgram Alidade(string home, params string[] arguments) =>
        Start(Path.Combine(AppContext.BaseDirectory, "alidade"), arguments, home);

    public static RunningProgram Start(string file, string[] arguments, string home, string? input = null)
    {
        // A run in the background ignores SIGINT and would pass that on; env sets it right and becomes the program.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", file, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home,
            Environment =
            {
                ["XDG_CONFIG_HOME"] = home,
                ["XDG_DATA_HOME"] = home,
                ["OMP_NUM_THREADS"] = "1",
                // Most end within seconds, before it pays off to compile anew what was called often.
                ["DOTNET_TC_CallCountingDelayMs"] = "2000",
            },
        };
        var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return new RunningProgram(process);
    }

    /// <summary>Waits for a line with this text.</summary>
    public async Task<string> HearAsync(string text, CancellationToken cancellation)
    {
        while (true)
        {
            var ended = _output.IsCompleted;
            lock (_lines)
            {
                if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
                {
                    return line;
                }
            }

            if (ended)
            {
                throw new InvalidOperationException($"It ended without saying \"{text}\":\n{Output}");
            }

            await Task.WhenAny(_heard.WaitAsync(cancellation), _output);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public async Task<int> EndAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        await _output.WaitAsync(cancellation);
        return _process.ExitCode;
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(Id, signal));

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_process.HasExited)
        {
            Signal(SigTerm);
            await _process.WaitForExitAsync();
        }

        await _output;
        _process.Dispose();
        _heard.Dispose();
    }

    private async Task PumpAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }

            _heard.Release();
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    public static extern int Kill(int process, int signal);
}
