using System.Globalization;
using Alidade.Engine.Protocol;

namespace Alidade.Worker.Sessions;

/// <summary>What this machine has for jobs, unless the options say otherwise.</summary>
public static class MachineResources
{
    public static WorkerResources Of(WorkerOptions options)
    {
        var found = Found();
        return new(options.Cpu ?? found.Cpu, options.Memory ?? found.Memory, options.Gpus ?? found.Gpus);
    }

    public static WorkerResources Found() => new(Environment.ProcessorCount, Memory(), Gpus());

    /// <summary>What the machine has, or the group of processes this one is in, whichever is less.</summary>
    private static long Memory()
    {
        var kibibytes = File.ReadLines("/proc/meminfo")
            .Select(line => line.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries))
            .First(words => words[0] == "MemTotal")[1];
        var machine = long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
        return Math.Min(machine, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    /// <summary>The devices that NVIDIA's driver shows.</summary>
    private static int Gpus() =>
        Directory
            .EnumerateFiles("/dev", "nvidia*")
            .Count(path =>
                Path.GetFileName(path)["nvidia".Length..] is { Length: > 0 } number && number.All(char.IsAsciiDigit)
            );
}
