using System.Globalization;
using Alidade.Worker.Attempts;

namespace Alidade.Worker.Processes;

/// <summary>
/// A process named for ever: its id may be given away after its end, but not together with the time it started since
/// this boot of the machine.
/// </summary>
internal sealed record ProcessIdentity(int Pid, long Started, string Boot)
{
    public static readonly string CurrentBoot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    private const int Terminate = 15;
    private const int Kill = 9;

    public static ProcessIdentity From(SupervisorFile file) => new(file.Pid, file.Started, file.Boot);

    /// <summary>The process that has this id now; one that is gone already gets a start that matches nothing.</summary>
    public static ProcessIdentity Of(int pid) => new(pid, StartOf(pid) ?? -1, CurrentBoot);

    public bool IsOfThisBoot => Boot == CurrentBoot;

    public bool IsAlive() => IsOfThisBoot && StartOf(Pid) == Started;

    public void RequestEnd() => Signal(Terminate);

    public void KillNow() => Signal(Kill);

    private void Signal(int signal)
    {
        // Opened before the identity is checked, so the signal cannot reach a later process with the same id.
        using var process = Native.OpenProcess(Pid);
        if (process is not null && IsAlive())
        {
            Native.Signal(process, signal);
        }
    }

    /// <summary>When the process started, in ticks since boot; null when there is none or it has ended.</summary>
    private static long? StartOf(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (IOException)
        {
            return null;
        }

        // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var hasEnded = fields[0] is "Z" or "X";
        return hasEnded ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
    }
}
