using Alidade.Engine.Jobs;
using Alidade.Storage.Records;
using Alidade.Storage.Runs;
using Alidade.Storage.Tests.Jobs;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Records;

/// <summary>What an attempt's record holds at its end, whoever ends it, and that it never changes; on every store.</summary>
public abstract class RecordCompliance(ITestStore source) : IAsyncLifetime
{
    private readonly JobWorld _world = new(source);

    public async ValueTask InitializeAsync() => await _world.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Each_attempt_keeps_what_it_left_itself_also_when_it_is_lost()
    {
        var worker = await _world.Register("w");
        var job = await _world.Submit();
        var first = await _world.TakeAndStart(worker.Session);
        await ReportAsync(job, first.Attempt, "early", "1", "one.txt", 'a');
        await _world.Finish(first, "lost", "killed");
        _world.Advance(TimeSpan.FromHours(1));
        await _world.Sweep();
        var second = await _world.TakeAndStart((await _world.Register("w")).Session);
        await ReportAsync(job, second.Attempt, "late", $"\"{new string('x', 2000)}\"", "two.txt", 'b');
        await _world.Finish(second, report: "r2");

        var (lost, finished) = (await RemainsAsync(first.Attempt), await RemainsAsync(second.Attempt));
        Assert.Equal(("early", "1"), (lost!.Results.Single().Name, lost.Results.Single().Value!.ToJsonString()));
        Assert.Equal(("one.txt", new string('a', 64)), (lost.Outputs.Single().Path, lost.Outputs.Single().Digest));
        Assert.Equal("late", finished!.Results.Single().Name);
        Assert.Null(finished.Results.Single().Value);
        Assert.Equal(64, finished.Results.Single().Sha256!.Length);
        Assert.Equal(["two.txt"], finished.Outputs.Select(o => o.Path));
        Assert.True(finished.IsWhole);
    }

    [Fact]
    public async Task An_attempt_that_never_began_left_nothing()
    {
        var worker = await _world.Register("w");
        var job = await _world.Submit();
        var grip = await _world.Take(worker.Session);
        await _world.User(job, JobEvent.Cancel);
        await _world.Finish(grip, "cancelled");
        Assert.Null(await RemainsAsync(grip.Attempt));
    }

    [Fact]
    public async Task More_than_a_record_lists_is_counted_as_more()
    {
        var worker = await _world.Register("w");
        var job = await _world.Submit();
        var grip = await _world.TakeAndStart(worker.Session);
        var run = await RunOf(job);
        await _world.Write(tx =>
        {
            for (var i = 0; i <= AttemptRemains.Most; i++)
            {
                RunStore.SetResult(tx, run, $"r{i}", "0");
            }

            return 0;
        });
        await _world.Finish(grip);
        var remains = await RemainsAsync(grip.Attempt);
        Assert.Equal((AttemptRemains.Most, false), (remains!.Results.Count, remains.IsWhole));
    }

    [Fact]
    public async Task What_was_recorded_does_not_change()
    {
        var worker = await _world.Register("w");
        await _world.Submit();
        var grip = await _world.TakeAndStart(worker.Session);
        await _world.Finish(grip);
        var part = new RecordPart
        {
            Digest = "d",
            Kind = "machine",
            Body = "{}",
        };
        await _world.Write(tx => RecordParts.Keep(tx, part));
        await _world.Write(tx => RecordParts.Keep(tx, part with { Body = "{\"other\": 1}" }));

        foreach (
            var change in (string[])
                ["attempt SET facts = 'x'", "attempt SET remains = 'x'", "record_part SET body = 'x'"]
        )
        {
            var refused = await Assert.ThrowsAnyAsync<Exception>(() =>
                _world.Write(tx => tx.Execute($"UPDATE {change}"))
            );
            Assert.Contains("the record of an attempt does not change", refused.Message);
        }

        Assert.Equal("{}", (await _world.Read(s => RecordParts.Find(s, ["d", "unknown"])))["d"].Body);
    }

    private async Task ReportAsync(long job, long attempt, string result, string value, string path, char digest)
    {
        var run = await RunOf(job);
        await _world.Write(tx =>
        {
            RunStore.SetResult(tx, run, result, value);
            RunStore.SetArtifact(
                tx,
                new RunArtifact
                {
                    Run = run,
                    Path = path,
                    Digest = new string(digest, 64),
                    Attempt = attempt,
                    At = tx.Now,
                }
            );
            return 0;
        });
    }

    private Task<string> RunOf(long job) =>
        _world.Read(s => s.Scalar<string>("SELECT run FROM job_detail WHERE job = @job", new { job }));

    private async Task<AttemptRemains?> RemainsAsync(long attempt) =>
        AttemptRemains.Read(
            await _world.Read(s => s.First<string>("SELECT remains FROM attempt WHERE id = @attempt", new { attempt }))
        );
}

public sealed class SqliteRecordTests() : RecordCompliance(new SqliteTestStore());

public sealed class PostgresRecordTests() : RecordCompliance(new PostgresTestStore());
