using System.Buffers.Text;
using Alidade.Worker.Attempts;

namespace Alidade.Worker.Processes;

/// <summary>
/// A process named for ever: its id may be given away after its end, but not together with the time it started since
/// this boot of the machine.
/// </summary>
internal sealed record ProcessIdentity(int Pid, long Started, string Boot)
{
    public static readonly string CurrentBoot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Field 22 of all, counted from the third.</summary>
    private const int StartField = 19;
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
        var path = $"/proc/{pid}/stat";
        Span<byte> buffer = stackalloc byte[1024];
        try
        {
            // Asked for first: most that are looked for in vain have ended, and an exception costs far more than a look.
            if (!File.Exists(path))
            {
                return null;
            }

            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return Parse(buffer[..RandomAccess.Read(file, buffer, 0)]);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long? Parse(ReadOnlySpan<byte> stat)
    {
        // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
        var rest = stat[(stat.LastIndexOf((byte)')') + 2)..];
        if (rest[0] is (byte)'Z' or (byte)'X')
        {
            return null;
        }

        for (var field = 0; field < StartField; field++)
        {
            rest = rest[(rest.IndexOf((byte)' ') + 1)..];
        }

        return Utf8Parser.TryParse(rest, out long started, out _)
            ? started
            : throw new InvalidDataException("/proc/<pid>/stat is not as Linux writes it.");
    }
}
