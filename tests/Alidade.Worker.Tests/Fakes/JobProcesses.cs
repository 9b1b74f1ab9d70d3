using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Alidade.Worker.Tests.Fakes;

/// <summary>What tests do to the processes of a job.</summary>
internal static class JobProcesses
{
    /// <summary>A job that says its process id and never ends by itself.</summary>
    public const string Endless = """
        import os, time

        def main():
            print(os.getpid(), flush=True)
            while True:
                time.sleep(0.05)
        """;

    public static string FolderOf(string data, ServerAttempt attempt) =>
        Path.Combine(data, "attempts", attempt.Grant.Attempt.ToString(CultureInfo.InvariantCulture));

    public static int SupervisorOf(string data, ServerAttempt attempt)
    {
        var path = Path.Combine(FolderOf(data, attempt), "supervisor.json");
        return JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.GetProperty("pid").GetInt32();
    }

    /// <summary>The template is the parent of each supervisor it forked.</summary>
    public static int TemplateOf(string data, ServerAttempt attempt)
    {
        var stat = File.ReadAllText($"/proc/{SupervisorOf(data, attempt)}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    public static Task GoneAsync(int pid) =>
        UntilAsync(() =>
        {
            try
            {
                return File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return true;
            }
        });

    /// <summary>Waits for something on this machine; the limit only ends a test that hangs.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 3000, "It did not happen within a minute.");
            await Task.Delay(20);
        }
    }
}
