using System.Globalization;
using Alidade.Engine.Protocol;
using Alidade.Worker.Sessions;

namespace Alidade.Worker.Doctor;

/// <summary>What the worker offers to jobs, beside what the machine has.</summary>
internal static class ResourceExamination
{
    private const double Gib = 1L << 30;

    public static Finding Run(WorkerOptions options) => Compare(MachineResources.Of(options), MachineResources.Found());

    /// <summary>Offering more is allowed: processors are shared, and a card may be there that no driver shows.</summary>
    internal static Finding Compare(WorkerResources offered, WorkerResources found) =>
        offered.Cpu <= found.Cpu && offered.Memory <= found.Memory && offered.Gpus <= found.Gpus
            ? Finding.Good("resources", $"jobs may take {Say(offered)}.")
            : Finding.Fair(
                "resources",
                $"jobs may take {Say(offered)}, but this machine has {Say(found)}.",
                "Leave out --cpu, --memory and --gpus to offer what is here."
            );

    private static string Say(WorkerResources r) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(r.Cpu, "processor")}, {r.Memory / Gib:0.#} GiB of memory and {Count(r.Gpus, "GPU")}"
        );

    private static string Count(double count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:0.###} {what}{(count == 1 ? "" : "s")}");
}
