using System.ComponentModel;
using System.Diagnostics;

namespace Alidade.Tracking;

/// <summary>The command itself. Its output goes on byte by byte as it comes, and as lines into the log.</summary>
internal static class TrackedProcess
{
    private const int NotFound = 2;

    /// <summary>What shells answer with.</summary>
    private const int ExitNotFound = 127;
    private const int ExitNotExecutable = 126;

    /// <param name="log">Null when nothing is recorded.</param>
    /// <returns>Its exit code; 128 and the number of the signal that ended it.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string?> environment,
        PassedSignals signals,
        LogSpooler? log
    )
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start, out var problem);
        if (process is null)
        {
            return problem;
        }

        signals.To(process.Id);
        await Task.WhenAll(
            PumpAsync(process.StandardOutput.BaseStream, Console.OpenStandardOutput(), "stdout", log),
            PumpAsync(process.StandardError.BaseStream, Console.OpenStandardError(), "stderr", log)
        );
        await process.WaitForExitAsync();
        signals.ToNobody();
        return process.ExitCode;
    }

    private static Process? Start(ProcessStartInfo start, out int problem)
    {
        problem = 0;
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception e)
        {
            Console.Error.WriteLine($"alidade: {start.FileName}: {e.Message}");
            problem = e.NativeErrorCode == NotFound ? ExitNotFound : ExitNotExecutable;
            return null;
        }
    }

    private static async Task PumpAsync(Stream from, Stream to, string stream, LogSpooler? log)
    {
        var cutter = new LineCutter();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await from.ReadAsync(buffer)) > 0)
        {
            foreach (var line in cutter.Feed(buffer.AsSpan(0, count)))
            {
                log?.Add(stream, line);
            }

            try
            {
                await to.WriteAsync(buffer.AsMemory(0, count));
                await to.FlushAsync();
            }
            catch (IOException)
            {
                // Nobody reads us any more; the command is to learn that as it would without us.
                await from.DisposeAsync();
                break;
            }
        }

        if (cutter.Finish() is { } rest)
        {
            log?.Add(stream, rest);
        }
    }
}
