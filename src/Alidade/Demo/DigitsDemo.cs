using Alidade.Client;
using Spectre.Console;

namespace Alidade.Demo;

/// <summary>The digits example on a server: its resources, its jobs, its table.</summary>
internal sealed class DigitsDemo(AlidadeClient client, long group, IAnsiConsole console)
{
    private readonly DigitsMatrix _matrix = new(client);

    /// <param name="folder">Gets the cells of all jobs as one CSV.</param>
    /// <returns>True when every job finished and every cell is there.</returns>
    public async Task<bool> RunAsync(string folder, CancellationToken cancellation)
    {
        var jobs = await SubmitAsync(cancellation);
        var ended = await new MatrixProgress(client, console, TimeProvider.System).WaitAsync(jobs, cancellation);
        var rows = new List<(MatrixJob Job, CellTable Cells)>();
        foreach (var (job, end) in jobs.Zip(ended))
        {
            if (end.State == "finished")
            {
                rows.Add((job, await _matrix.ReadAsync(job, cancellation)));
            }
            else
            {
                console.WriteLine(
                    $"job {end.Id} {end.State}: {end.Message ?? end.Reason}  {client.Server}jobs/{end.Id}"
                );
            }
        }

        if (rows.Count == 0)
        {
            return false;
        }

        MatrixTable.Print(console, rows, client.Server);
        var file = Path.Combine(folder, "digits-robustness.csv");
        string[] lines = [rows[0].Cells.Header, .. rows.SelectMany(row => row.Cells.Lines)];
        await File.WriteAllLinesAsync(file, lines, cancellation);
        console.WriteLine($"All cells: {file}");
        return rows.Count == jobs.Count && rows.All(row => row.Cells.Cells.Count == DigitsMatrix.Radii.Length);
    }

    private async Task<List<MatrixJob>> SubmitAsync(CancellationToken cancellation)
    {
        var queue =
            await client.Queues.FindAsync("default", cancellation)
            ?? await client.Queues.CreateAsync(new QueueContent("default"), group, cancellation);
        var entrypoints = await ImportAsync(queue.Id, cancellation);
        var experiment = await ExperimentAsync([.. entrypoints.Values], cancellation);
        var entrypoint = entrypoints[DigitsMatrix.Entrypoint];
        var jobs = await _matrix.SubmitAsync(experiment, entrypoint, queue.Id, cancellation);
        console.WriteLine(
            $"{jobs.Count} jobs: {DigitsMatrix.Defences.Length} defences × {DigitsMatrix.Attacks.Length} attacks"
        );
        return jobs;
    }

    /// <summary>Makes the server's resources equal to the example; what is equal is left alone.</summary>
    /// <returns>Entrypoint ids by name.</returns>
    private async Task<IReadOnlyDictionary<string, long>> ImportAsync(long queue, CancellationToken cancellation)
    {
        var files = ImportSource.Files(new ExampleFolder("digits-robustness").ReadAll());
        var import = await client.Workflows.ImportAsync(files, group, OnConflict.Update, cancellation: cancellation);
        foreach (var entrypoint in import.Resources.Entrypoints.Values)
        {
            await client.Entrypoints.AddQueuesAsync(entrypoint, [queue], cancellation);
        }

        return import.Resources.Entrypoints;
    }

    private async Task<long> ExperimentAsync(IReadOnlyList<long> entrypoints, CancellationToken cancellation)
    {
        if (await client.Experiments.FindAsync(DigitsMatrix.Experiment, cancellation) is { } known)
        {
            if (entrypoints.Any(id => known.Entrypoints.All(linked => linked.Id != id)))
            {
                await client.Experiments.AddEntrypointsAsync(known.Id, entrypoints, cancellation);
            }

            return known.Id;
        }

        const string Description = "How robust is a digit classifier, and do two defences help?";
        var content = new ExperimentContent(DigitsMatrix.Experiment, Description, entrypoints);
        return (await client.Experiments.CreateAsync(content, group, cancellation)).Id;
    }
}
