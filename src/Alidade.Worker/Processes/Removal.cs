using System.ComponentModel;
using System.Diagnostics;

namespace Alidade.Worker.Processes;

/// <summary>
/// Deletes what .NET cannot: files whose names are not UTF-8, folders deeper than a path may be long, and those from which
/// their owner has taken the rights. User code may leave them all.
/// </summary>
internal static class Removal
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <exception cref="IOException">Something of it is still there.</exception>
    public static void Remove(string folder)
    {
        var said = Run("/bin/chmod", "-R", "u+rwX", "--", folder) + Run("/bin/rm", "-rf", "--", folder);
        if (Directory.Exists(folder))
        {
            throw new IOException($"{folder} is still there: {said.Trim()}");
        }
    }

    /// <returns>What it has said of errors.</returns>
    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var said = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Limit))
            {
                process.Kill();
            }

            return said.GetAwaiter().GetResult();
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }
}
