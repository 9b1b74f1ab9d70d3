using Alidade.Bench.Measuring;

namespace Alidade.Bench.Scenarios;

/// <summary>One promise of the design and how to measure it.</summary>
internal interface IScenario
{
    string Name { get; }

    string About { get; }

    Task RunAsync(Report report, CancellationToken cancellation);
}
