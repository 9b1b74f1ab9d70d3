using System.Runtime.InteropServices;
using Alidade.Engine.Protocol;

namespace Alidade.Worker.Sessions;

/// <summary>What NVIDIA's management library says of the cards, where there is one.</summary>
internal sealed partial class GraphicsCards
{
    private const string Library = "libnvidia-ml.so.1";
    private const int Success = 0;

    private readonly bool _isThere = NativeLibrary.TryLoad(Library, out _) && nvmlInit_v2() == Success;

    /// <summary>Null without a card; a card that does not answer is left out.</summary>
    public IReadOnlyList<GpuLoad>? Look()
    {
        if (!_isThere || nvmlDeviceGetCount_v2(out var count) != Success)
        {
            return null;
        }

        var cards = new List<GpuLoad>();
        for (uint number = 0; number < count; number++)
        {
            if (
                nvmlDeviceGetHandleByIndex_v2(number, out var card) == Success
                && nvmlDeviceGetUtilizationRates(card, out var busy) == Success
                && nvmlDeviceGetMemoryInfo(card, out var memory) == Success
            )
            {
                cards.Add(new GpuLoad(busy.Gpu, (long)memory.Used, (long)memory.Total));
            }
        }

        return cards.Count == 0 ? null : cards;
    }

    [LibraryImport(Library)]
    private static partial int nvmlInit_v2();

    [LibraryImport(Library)]
    private static partial int nvmlDeviceGetCount_v2(out uint count);

    [LibraryImport(Library)]
    private static partial int nvmlDeviceGetHandleByIndex_v2(uint index, out nint card);

    [LibraryImport(Library)]
    private static partial int nvmlDeviceGetUtilizationRates(nint card, out Utilization busy);

    [LibraryImport(Library)]
    private static partial int nvmlDeviceGetMemoryInfo(nint card, out MemoryInfo memory);

    /// <summary>Percent of the last sample period.</summary>
    private struct Utilization
    {
        public uint Gpu;
        public uint Memory;
    }

    /// <summary>Bytes.</summary>
    private struct MemoryInfo
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }
}
