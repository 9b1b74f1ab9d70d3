using System.Runtime.InteropServices;
using Alidade.Bench.Measuring;
using Alidade.Bench.Scenarios;
using Alidade.Bench.Servers;
using Alidade.Storage.Platform;
using Spectre.Console;

namespace Alidade.Bench;

/// <summary><c>./run bench [scenario ...]</c>: measures what the design promises, each number beside its floor.</summary>
internal static class Program
{
    private static readonly IReadOnlyList<IScenario> Scenarios =
    [
        new Ready(),
        new JobLatency(),
        new JobsPerSecond(),
        new JobsBesidePast(),
        new ListSmall(),
        new Lists(Dialect.Sqlite),
        new Lists(Dialect.Postgres),
        new Claims(),
        new MetricsIngest(),
        new RunsSearch(Dialect.Sqlite),
        new RunsSearch(Dialect.Postgres),
        new MetricsRead(),
    ];

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [BareKestrel.Switch, .. var bodies])
        {
            return await BareKestrel.RunAsync(bodies);
        }

        if (arguments is [BareKestrel.StoreSwitch, ..])
        {
            return await BareKestrel.RunWithStoreAsync(arguments[1..]);
        }

        var unknown = arguments.Where(name => Scenarios.All(scenario => scenario.Name != name)).ToList();
        if (unknown.Count > 0)
        {
            await Console.Error.WriteLineAsync($"There is no scenario {string.Join(", ", unknown)}. There are:");
            foreach (var scenario in Scenarios)
            {
                await Console.Error.WriteLineAsync($"  {scenario.Name, -18}{scenario.About}");
            }

            return 2;
        }

        if (!AnsiConsole.Profile.Out.IsTerminal)
        {
            AnsiConsole.Profile.Width = 140;
        }

        using var interrupted = new CancellationTokenSource();
        // The children are ended before the bench ends.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            foreach (var scenario in Scenarios.Where(s => arguments.Length == 0 || arguments.Contains(s.Name)))
            {
                await RunAsync(scenario, interrupted.Token);
            }

            return 0;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return 130;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            interrupted.Cancel();
        }
    }

    private static async Task RunAsync(IScenario scenario, CancellationToken cancellation)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]{scenario.Name}[/]  [grey]{scenario.About}[/]");
        var report = new Report(scenario.Name);
        await scenario.RunAsync(report, cancellation);
        report.Print();
        AnsiConsole.MarkupLineInterpolated($"[grey]{report.Save()}[/]");
        AnsiConsole.WriteLine();
    }
}
