using System.Globalization;
using Alidade.Cli;
using Alidade.Client;

namespace Alidade.Demo;

/// <summary>The defence × attack × eps matrix of the digits example: one job for each defence and attack.</summary>
internal sealed class DigitsMatrix(AlidadeClient client)
{
    public const string Experiment = "digits-robustness";
    public const string Entrypoint = "digits-evaluate";

    public static readonly string[] Defences = ["none", "adversarial_training", "bit_depth"];
    public static readonly string[] Attacks = ["fgsm", "pgd"];
    public static readonly double[] Radii = [0.05, 0.1, 0.2, 0.3];

    /// <summary>Submits all jobs, the longest first, so that workers end together.</summary>
    public async Task<List<MatrixJob>> SubmitAsync(
        long experiment,
        long entrypoint,
        long queue,
        CancellationToken cancellation
    )
    {
        var jobs = new List<MatrixJob>();
        foreach (var defence in Defences.OrderByDescending(defence => defence == "adversarial_training"))
        {
            foreach (var attack in Attacks)
            {
                var values = new Dictionary<string, string>
                {
                    ["defence"] = defence,
                    ["attack"] = attack,
                    ["eps"] = $"[{string.Join(", ", Radii.Select(eps => eps.ToString(CultureInfo.InvariantCulture)))}]",
                };
                var description = $"{defence.Replace('_', ' ')} under {attack.ToUpperInvariant()}";
                var content = new JobContent(queue, entrypoint, values, Description: description);
                var job = await client.Experiments.SubmitAsync(experiment, content, cancellation);
                jobs.Add(new MatrixJob(job.Id, defence, attack));
            }
        }

        return
        [
            .. jobs.OrderBy(job => Array.IndexOf(Defences, job.Defence))
                .ThenBy(job => Array.IndexOf(Attacks, job.Attack)),
        ];
    }

    /// <summary>The cells a finished job wrote, as its artifact <c>cells.csv</c> has them.</summary>
    public async Task<CellTable> ReadAsync(MatrixJob job, CancellationToken cancellation)
    {
        foreach (var reference in (await client.Jobs.GetAsync(job.Id, cancellation)).Artifacts)
        {
            var artifact = await client.Artifacts.GetAsync(reference.Id, cancellation);
            if (artifact.ArtifactUri.EndsWith("/cells.csv", StringComparison.Ordinal))
            {
                await using var stream = await client.Artifacts.OpenAsync(artifact.Id, cancellation: cancellation);
                using var reader = new StreamReader(stream);
                return CellTable.Read(await reader.ReadToEndAsync(cancellation));
            }
        }

        throw new CommandException($"Job {job.Id} finished without its artifact cells.csv.");
    }
}

internal sealed record MatrixJob(long Id, string Defence, string Attack)
{
    public string Title => $"{Defence.Replace('_', ' ')} × {Attack.ToUpperInvariant()}";
}
