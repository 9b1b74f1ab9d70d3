using System.Buffers.Binary;
using Alidade.Client;
using Alidade.Demo;
using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Demo;

/// <summary>The main job: <c>alidade demo --exit</c>, twice over one folder, and its numbers by another road.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 600_000)]
    public async Task The_table_is_complete_the_same_twice_and_true()
    {
        var first = await RunAsync();
        var firstCells = await File.ReadAllTextAsync(_folder.In("data", "digits-robustness.csv"), Limit);
        var second = await RunAsync();
        var secondCells = await File.ReadAllTextAsync(_folder.In("data", "digits-robustness.csv"), Limit);

        Assert.Equal(firstCells, secondCells);
        Assert.Equal(Figures(first), Figures(second));
        RequireSense(CellTable.Read(firstCells).Cells);
        await RequireTruthAsync();
    }

    private async Task<string> RunAsync()
    {
        await using var demo = RunningProgram.Alidade(
            _folder.Path,
            "demo",
            "--port",
            "0",
            "--data",
            _folder.In("data"),
            "--exit"
        );
        Assert.True(await demo.EndAsync(Limit) == 0, demo.Output);
        return demo.Output;
    }

    /// <summary>The rows of the printed table without the job's address, which differs.</summary>
    private static List<string> Figures(string output) =>
        [
            .. output
                .Split('\n')
                .Where(line => line.Contains("/jobs/", StringComparison.Ordinal))
                .Select(line => line[..line.IndexOf("http", StringComparison.Ordinal)]),
        ];

    /// <summary>What must hold whatever the numbers are.</summary>
    private static void RequireSense(IReadOnlyList<Cell> cells)
    {
        Assert.Equal(
            from defence in DigitsMatrix.Defences
            from attack in DigitsMatrix.Attacks
            from eps in DigitsMatrix.Radii
            select (defence, attack, eps),
            cells.Select(cell => (cell.Defence, cell.Attack, cell.Eps))
        );
        Assert.All(cells, cell => Assert.InRange(cell.CleanAccuracy, 0.9, 1));
        Assert.All(cells, cell => Assert.InRange(cell.RobustAccuracy, 0, cell.CleanAccuracy));
        foreach (var row in cells.GroupBy(cell => (cell.Defence, cell.Attack)))
        {
            Assert.Equal(
                row.Select(cell => cell.RobustAccuracy).OrderDescending(),
                row.Select(cell => cell.RobustAccuracy)
            );
        }

        var weakest = cells.ToDictionary(cell => (cell.Defence, cell.Attack, cell.Eps), cell => cell.RobustAccuracy);
        Assert.All(
            weakest,
            cell =>
                Assert.True(
                    cell.Key.Attack == "fgsm" || cell.Value <= weakest[(cell.Key.Defence, "fgsm", cell.Key.Eps)]
                )
        );
        Assert.True(weakest[("adversarial_training", "pgd", 0.1)] > weakest[("none", "pgd", 0.1)] + 0.2);
    }

    /// <summary>Recomputes cells with scikit-learn's own classifier and finite differences, from what the jobs stored.</summary>
    private async Task RequireTruthAsync()
    {
        var data = _folder.In("data");
        await using var program = RunningProgram.Alidade(_folder.Path, "serve", "--port", "0", "--data", data);
        var line = await program.HearAsync("Alidade ready: ", Limit);
        using var client = new AlidadeClient(new Uri(line.Split(' ')[2]));
        var password = (await File.ReadAllTextAsync(Path.Combine(data, "demo-password"), Limit)).Trim();
        await client.Users.SignInAsync("demo", password, Limit);

        var experiment = await client.Experiments.FindAsync(DigitsMatrix.Experiment, Limit);
        var jobs = await client.Experiments.ListJobsAsync(experiment!.Id, new Listing(PageLength: 100), Limit);
        Assert.Equal(12, jobs.TotalNumResults);
        await RequireOneVersionAsync(client);
        foreach (var job in jobs.Data.Take(6))
        {
            await DownloadAsync(client, job);
            RequirePicture(await File.ReadAllBytesAsync(_folder.In($"{job.Id}-pictures.png"), Limit));
            if (job.Values["attack"] == "fgsm")
            {
                await CheckAsync(job.Id);
            }
            else if (job.Values["defence"] == "adversarial_training")
            {
                await CheckAsync(job.Id, "--eps", "0.1");
                await RequireSameAgainAsync(client, experiment.Id, job);
            }
        }
    }

    /// <summary>A stored model, attacked by a later job in the same way, gives the same row.</summary>
    private async Task RequireSameAgainAsync(AlidadeClient client, long experiment, Job trained)
    {
        var artifacts = await Task.WhenAll(trained.Artifacts.Select(one => client.Artifacts.GetAsync(one.Id, Limit)));
        var model = artifacts.Single(artifact => artifact.ArtifactUri.EndsWith("model.npz", StringComparison.Ordinal));
        var entrypoint = await client.Entrypoints.FindAsync("digits-attack", Limit);
        var values = new Dictionary<string, string>
        {
            ["attack"] = "pgd",
            ["eps"] = "[0.1]",
            ["iterations"] = "20",
            ["restarts"] = "2",
        };
        var content = new JobContent(
            trained.Queue.Id,
            entrypoint!.Id,
            values,
            new Dictionary<string, ArtifactValue> { ["model"] = new(model.Id, model.Snapshot) }
        );
        var submitted = await client.Experiments.SubmitAsync(experiment, content, Limit);
        var follower = new Alidade.Cli.JobFollower(client, TimeProvider.System);
        var job = await follower.FollowAsync(submitted.Id, _ => { }, _ => { }, Limit);
        Assert.True(job.State == "finished", job.Message);
        await DownloadAsync(client, job);

        var original = await File.ReadAllLinesAsync(_folder.In($"{trained.Id}-cells.csv"), Limit);
        var again = await File.ReadAllLinesAsync(_folder.In($"{job.Id}-cells.csv"), Limit);
        Assert.Equal([original[0], original.Single(line => line.Contains(",0.1,"))], again);
    }

    /// <summary>The second run found everything as the first had made it.</summary>
    private static async Task RequireOneVersionAsync(AlidadeClient client)
    {
        foreach (var name in (string[])["digits-evaluate", "digits-attack"])
        {
            var entrypoint = await client.Entrypoints.FindAsync(name, Limit);
            var versions = await client.Entrypoints.SnapshotsAsync(entrypoint!.Id, new Listing(), Limit);
            Assert.Equal(1, versions.TotalNumResults);
        }

        var plugin = await client.Plugins.FindAsync("digits", Limit);
        var made = await client.Plugins.SnapshotsAsync(plugin!.Id, new Listing(), Limit);
        Assert.Equal(1, made.TotalNumResults);
    }

    private async Task DownloadAsync(AlidadeClient client, Job job)
    {
        foreach (var reference in job.Artifacts)
        {
            var artifact = await client.Artifacts.GetAsync(reference.Id, Limit);
            var name = artifact.ArtifactUri[(artifact.ArtifactUri.LastIndexOf('/') + 1)..];
            await using var content = await client.Artifacts.OpenAsync(artifact.Id, cancellation: Limit);
            await using var file = File.Create(_folder.In($"{job.Id}-{name}"));
            await content.CopyToAsync(file, Limit);
        }
    }

    private async Task CheckAsync(long job, params string[] options)
    {
        var script = _folder.Write("check.py", new ExampleFolder("digits-robustness").Read("check.py"));
        string[] arguments = [script, _folder.In($"{job}-model.npz"), _folder.In($"{job}-cells.csv"), .. options];
        await using var check = RunningProgram.Start("/usr/bin/python3", arguments, _folder.Path);
        Assert.True(await check.EndAsync(Limit) == 0, check.Output);
        Assert.Contains("agrees", check.Output);
    }

    /// <summary>Ten digits wide; clean on top, then attacked and difference for each eps.</summary>
    private static void RequirePicture(byte[] png)
    {
        Assert.Equal((byte[])[0x89, .. "PNG\r\n\x1a\n"u8], png[..8]);
        Assert.Equal(10 * 72, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)));
        Assert.Equal((1 + (2 * DigitsMatrix.Radii.Length)) * 72, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
    }
}
