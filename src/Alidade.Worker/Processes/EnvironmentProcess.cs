using System.ComponentModel;
using System.Diagnostics;

namespace Alidade.Worker.Processes;

/// <summary>Makes an environment by <c>_host/environment.py</c>, run by the interpreter it shall be of.</summary>
internal static class EnvironmentProcess
{
    /// <param name="say">Takes each line of its progress.</param>
    /// <returns>Whether it was made.</returns>
    public static async Task<bool> RunAsync(
        WorkerOptions options,
        string python,
        string folder,
        string lockFile,
        Action<string> say,
        CancellationToken cancellation
    )
    {
        var start = new ProcessStartInfo(python)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        var script = Path.Combine(options.PythonPackage, "_host", "environment.py");
        string[] wheels = options.Wheels is { } from ? ["--wheels", from] : [];
        foreach (var argument in (string[])["-I", script, "--folder", folder, "--lock", lockFile, .. wheels])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Start(start);
        try
        {
            await Task.WhenAll(
                ReadAsync(process.StandardOutput, say, cancellation),
                ReadAsync(process.StandardError, say, cancellation)
            );
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new TemplateException($"The interpreter {start.FileName} does not start: {e.Message}.", inner: e);
        }
    }

    private static async Task ReadAsync(StreamReader from, Action<string> say, CancellationToken cancellation)
    {
        while (await from.ReadLineAsync(cancellation) is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                say(line);
            }
        }
    }
}
