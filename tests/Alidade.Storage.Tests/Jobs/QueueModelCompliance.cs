using Alidade.Engine.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;
using Alidade.Testing;
using Alidade.Testing.Queue;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>
/// The same random steps on a store and on the model: after each of them both give the same answer and know the same of
/// every open job. ALIDADE_SEED=N repeats a run, and ALIDADE_SOAK=1 makes it long.
/// </summary>
[Trait("run", "soak")]
public abstract class QueueModelCompliance(ITestStore source, int steps, ITestOutputHelper output)
{
    private static readonly bool Soak = Environment.GetEnvironmentVariable("ALIDADE_SOAK") == "1";

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("ALIDADE_SEED"), out var given)
        ? given
        : Random.Shared.Next(1_000_000);

    private readonly List<Step> _steps = [];

    [Fact]
    public async Task A_store_does_what_the_model_does()
    {
        output.WriteLine($"ALIDADE_SEED={Seed}");
        await using var held = source;
        var time = new FakeTime();
        await using var store = await source.OpenAsync("core", time);
        var token = await store.WriteAsync(tx =>
        {
            var pool = Pools.Ensure(tx, "default", [], ["*"], 1000, null);
            Pools.AddToken(tx, pool, "test", "secret", null);
            return Pools.Token(tx, "secret")!;
        });
        var model = new QueueModel { Workers = StepSource.Workers };
        var driver = new QueueDriver(store, time, token, StepSource.Workers);
        var drawn = new StepSource(model, Seed);
        for (var i = 0; i < (Soak ? 100_000 : steps); i++)
        {
            await TakeAsync(model, driver, drawn.Next());
        }

        await store.ReadAsync(s =>
        {
            CheckEvents(s);
            return true;
        });
    }

    private async Task TakeAsync(QueueModel model, QueueDriver driver, Step step)
    {
        _steps.Add(step);
        var (now, answer) = await driver.TakeAsync(step);
        if (step is Step.Advance)
        {
            return;
        }

        model.Now = now;
        var expected = model.Take(step, driver.NewJob);
        var lines = await driver.LinesAsync(now, [.. model.Touched.Select(t => model.Jobs[t].Id)]);
        var known = model
            .Jobs.Where(j => model.Touched.Contains(j.Index) || !j.Facts.State.IsTerminal())
            .OrderBy(j => j.Id)
            .Select(j => j.Line)
            .ToList();
        if (expected != answer || !known.SequenceEqual(lines))
        {
            var unlike = known.Except(lines).Concat(lines.Except(known));
            Assert.Fail(
                $"ALIDADE_SEED={Seed}, step {_steps.Count}: {step}\nmodel: {expected}\nstore: {answer}\n"
                    + string.Join('\n', unlike)
                    + "\nafter\n"
                    + string.Join('\n', _steps.TakeLast(15))
            );
        }
    }

    /// <summary>The events of each job are dense and end in its state; its attempts have numbers without gaps (I4, I5).</summary>
    private static void CheckEvents(ISession s)
    {
        Assert.Empty(
            s.Query<long>(
                """
                SELECT j.id FROM job j WHERE
                    j.seq <> (SELECT COUNT(*) FROM job_event e WHERE e.job = j.id)
                    OR j.seq <> (SELECT MAX(e.seq) FROM job_event e WHERE e.job = j.id)
                    OR j.state <> (SELECT e.state FROM job_event e WHERE e.job = j.id AND e.seq = j.seq)
                    OR j.attempts <> (SELECT COUNT(*) FROM attempt a WHERE a.job = j.id)
                    OR j.attempts <> (SELECT COALESCE(MAX(a.number), 0) FROM attempt a WHERE a.job = j.id)
                """
            )
        );
    }
}

public sealed class SqliteQueueModelTests(ITestOutputHelper output)
    : QueueModelCompliance(new SqliteTestStore(), 2000, output);

public sealed class PostgresQueueModelTests(ITestOutputHelper output)
    : QueueModelCompliance(new PostgresTestStore(), 1000, output);
