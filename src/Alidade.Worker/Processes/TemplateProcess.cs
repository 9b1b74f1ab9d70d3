using System.Diagnostics;
using System.Text.Json;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Processes;

/// <summary>One life of a template: the only place of the worker that starts a process.</summary>
internal sealed class TemplateProcess : IAsyncDisposable
{
    // 128 and the number of SIGKILL.
    private const int KilledCode = 137;

    private const int KeptLines = 20;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Queue<string> _said = new();
    private readonly Task _errors;

    private TemplateProcess(Process process, ILogger log)
    {
        _process = process;
        _errors = ReadErrorsAsync(log);
    }

    public Task ExitedAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    public int ExitCode => _process.ExitCode;

    public static TemplateProcess Start(
        string python,
        WorkerOptions options,
        IReadOnlyList<string> preloads,
        string socket,
        ILogger log
    )
    {
        var start = new ProcessStartInfo(python)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        var script = Path.Combine(options.PythonPackage, "_host", "template.py");
        foreach (var argument in (string[])["-I", script, "--socket", socket])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var module in preloads)
        {
            start.ArgumentList.Add("--preload");
            start.ArgumentList.Add(module);
        }

        try
        {
            return new TemplateProcess(Process.Start(start)!, log);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new TemplateException($"The interpreter {python} does not start: {e.Message}.", inner: e);
        }
    }

    public async Task<TemplateReady> ReadyAsync(CancellationToken cancellation)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellation);
        if (line is null)
        {
            await _process.WaitForExitAsync(cancellation);
            await _errors;
            throw new TemplateException($"The Python template ended before it was ready: {LastWords}")
            {
                WasKilled = ExitCode == KilledCode,
            };
        }

        try
        {
            var ready = JsonSerializer.Deserialize(line, WorkerJson.Default.TemplateReady);
            return ready is { Ready: true } ? ready : throw new TemplateException($"The Python template said: {line}");
        }
        catch (JsonException e)
        {
            throw new TemplateException($"The Python template said: {line}", inner: e);
        }
    }

    public string LastWords
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said.DefaultIfEmpty("(nothing on stderr)"));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(EndLimit);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task ReadErrorsAsync(ILogger log)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            log.TemplateSaid(line);
            lock (_said)
            {
                _said.Enqueue(line);
                if (_said.Count > KeptLines)
                {
                    _said.Dequeue();
                }
            }
        }
    }
}
