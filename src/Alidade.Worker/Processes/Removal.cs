using System.Diagnostics;

namespace Alidade.Worker.Processes;

/// <summary>
/// Deletes what .NET cannot: files whose names are not UTF-8, and folders deeper than a path may be long. User code may leave
/// both.
/// </summary>
internal static class Removal
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <exception cref="IOException">Something of it is still there.</exception>
    public static void Remove(string folder)
    {
        var start = new ProcessStartInfo("rm", ["-rf", "--", folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var rm = Process.Start(start)!;
        rm.StandardInput.Close();
        var said = rm.StandardError.ReadToEndAsync();
        if (!rm.WaitForExit(Limit))
        {
            rm.Kill();
        }

        if (Directory.Exists(folder))
        {
            throw new IOException($"{folder} is still there: {said.GetAwaiter().GetResult().Trim()}");
        }
    }
}
