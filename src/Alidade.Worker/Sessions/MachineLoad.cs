using System.Globalization;
using Alidade.Engine.Protocol;

namespace Alidade.Worker.Sessions;

/// <summary>What the machine does, from one look to the next.</summary>
internal sealed class MachineLoad(string dataFolder)
{
    private readonly GraphicsCards _cards = new();
    private long _busy;
    private long _all;

    public WorkerLoad Look()
    {
        var cpu = Processors();
        var (used, total) = Memory();
        return new WorkerLoad(cpu, used, total, new DriveInfo(dataFolder).AvailableFreeSpace, _cards.Look());
    }

    /// <summary>Percent of all processors since the last look; the first time since the machine started.</summary>
    private double Processors()
    {
        // cpu user nice system idle iowait irq softirq steal …
        var times = File.ReadLines("/proc/stat")
            .First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture))
            .ToList();
        var (all, busy) = (times.Sum(), times.Sum() - times[3] - times[4]);
        var share = all > _all ? (busy - _busy) / (double)(all - _all) : 0;
        (_all, _busy) = (all, busy);
        return Math.Round(Math.Clamp(share, 0, 1) * 100, 1);
    }

    private static (long Used, long Total) Memory()
    {
        var kibibytes = File.ReadLines("/proc/meminfo")
            .Take(3)
            .Select(line => line.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
        var total = kibibytes["MemTotal"] * 1024;
        return (total - (kibibytes["MemAvailable"] * 1024), total);
    }
}
