using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Faults;

/// <summary>
/// kill -9 of the server at random moments while jobs are submitted and run. What was accepted ends truthfully and is run
/// once. `./run soak` does it many times.
/// </summary>
[Trait("run", "soak")]
public sealed class RestartTests
{
    private const int JobsPerRound = 4;

    private const string Work = """
        import time

        def work():
            for i in range(1, 21):
                print(f"line {i}", flush=True)
                time.sleep(0.05)
        """;

    private static readonly int Rounds = Environment.GetEnvironmentVariable("ALIDADE_SOAK") == "1" ? 100 : 2;

    [Fact]
    public async Task Every_accepted_job_ends_once_with_its_whole_log()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {Rounds} rounds");
        var random = new Random(seed);
        using var folder = new TempFolder();
        await using var server = await LiveServer.StartAsync(folder.In("data"), cancellation);
        var accepted = new List<long>();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < JobsPerRound; i++)
            {
                accepted.Add((await server.SubmitAsync(Work, cancellation)).Id);
            }

            await Task.Delay(random.Next(0, 1500), cancellation);
            await server.KillAsync();
            await server.StartAgainAsync(cancellation);
        }

        foreach (var id in accepted)
        {
            var (job, lines) = await server.FollowAsync(id, cancellation);
            var printed = lines.Where(line => line.Stream == "stdout").Select(line => line.Message);
            Assert.True(job.State == "finished", $"job {id} is {job.State}: {job.Reason} {job.Message} (seed {seed})");
            Assert.Equal(Enumerable.Range(1, 20).Select(i => $"line {i}"), printed);
        }
    }
}
