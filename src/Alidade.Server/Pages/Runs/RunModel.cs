using Alidade.Server.Pages.Parts;
using Alidade.Server.Runs;

namespace Alidade.Server.Pages.Runs;

/// <summary>A run that stands alone.</summary>
public sealed record RunModel(Address Address, RunView Run, string Experiment, bool MayChange)
{
    public string View => Address["view"] ?? "overview";

    /// <summary>Series with more than a point are drawn, the others are numbers.</summary>
    public IReadOnlyList<string> Charts { get; init; } = [];
    public IReadOnlyList<KeyValuePair<string, string>> Numbers { get; init; } = [];

    public string FileAddress(string path) => $"/get-artifact?run_id={Run.Id}&path={Uri.EscapeDataString(path)}";
}
