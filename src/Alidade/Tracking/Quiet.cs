using System.ComponentModel;
using System.Diagnostics;

namespace Alidade.Tracking;

/// <summary>Programs asked for something, whose failure is no concern of the command that is tracked.</summary>
internal static class Quiet
{
    /// <param name="most">Bytes of output; more counts as none.</param>
    /// <returns>What the program wrote; null when it is not there, failed, wrote too much or was cancelled.</returns>
    public static async Task<byte[]?> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        int most,
        CancellationToken cancellation
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Git would else write its index and so race with the command.
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                process.StandardInput.Close();
                var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, cancellation);
                var output = await ReadAsync(process.StandardOutput.BaseStream, most, cancellation);
                await errors;
                await process.WaitForExitAsync(cancellation);
                return process.ExitCode == 0 ? output : null;
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                process.Kill(entireProcessTree: true);
                return null;
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static async Task<byte[]> ReadAsync(Stream from, int most, CancellationToken cancellation)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await from.ReadAsync(buffer, cancellation)) > 0)
        {
            if (all.Length + count > most)
            {
                throw new IOException("Too much output.");
            }

            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }
}
