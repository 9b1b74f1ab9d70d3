using Alidade.Storage.Jobs;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>Submits, on every store: a repeated one is the same job, and a group's limit of waiting jobs holds.</summary>
public abstract class SubmitCompliance(ITestStore source) : JobCompliance(source)
{
    [Fact]
    public async Task Eight_submits_at_once_stay_within_the_waiting_jobs_of_a_group()
    {
        await World.Write(tx =>
        {
            GroupQuotas.Set(tx, new GroupQuota { GroupId = 1, Waiting = 3 });
            return true;
        });
        await World.Submit(after: TimeSpan.FromHours(1));
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(SubmitWithin)));
        Assert.Equal(2, taken.Count(id => id is not null));

        // What a worker has taken waits no more, and the limit of another group is its own.
        var worker = await World.Register("w");
        await World.Take(worker.Session);
        Assert.NotNull(await SubmitWithin());
        Assert.Null(await SubmitWithin());
        Assert.Null(await World.Write(tx => GroupQuotas.FullAt(tx, 2)));

        Task<long?> SubmitWithin() =>
            World.Write(tx => GroupQuotas.FullAt(tx, 1) is null ? JobSubmit.Submit(tx, World.New()).Job?.Id : null);
    }

    [Fact]
    public async Task The_same_key_gives_the_same_job_and_another_request_under_it_none()
    {
        var first = await World.TrySubmit(key: ("k", "a"));
        var again = await World.TrySubmit(key: ("k", "a"));
        var other = await World.TrySubmit(key: ("k", "b"));
        Assert.Equal((first.Job!.Id, false), (again.Job!.Id, again.IsNew));
        Assert.True(other.Conflict);
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_week()
    {
        await World.TrySubmit(key: ("k", "a"));
        World.Advance(TimeSpan.FromDays(6));
        await World.Sweep();
        Assert.True((await World.TrySubmit(key: ("k", "b"))).Conflict);
        World.Advance(TimeSpan.FromDays(1.1));
        await World.Sweep();
        Assert.True((await World.TrySubmit(key: ("k", "b"))).IsNew);
    }
}

public sealed class SqliteSubmitTests() : SubmitCompliance(new SqliteTestStore());

public sealed class PostgresSubmitTests() : SubmitCompliance(new PostgresTestStore());
