using Alidade.Engine.Jobs;
using Alidade.Server.Jobs;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Testing;

namespace Alidade.Server.Tests.Search;

/// <summary>Lists of jobs against a plain list in memory, alike on both databases: few and many, in every order.</summary>
public abstract class JobListCompliance(ITestStore source) : IAsyncLifetime
{
    private const int Jobs = 1500;

    private static readonly ResourceKind[] Parts =
    [
        ResourceKind.Experiment,
        ResourceKind.Entrypoint,
        ResourceKind.Queue,
    ];

    private readonly Caller _caller = new(1, "ada", new Dictionary<long, Role> { [1] = Role.Admin, [2] = Role.Admin });
    private readonly List<Row> _rows = [];
    private readonly Dictionary<long, string> _names = [];
    private long[] _experiments = [];
    private IStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await source.OpenAsync();
        await _store.WriteAsync(t =>
        {
            _rows.Clear();
            _names.Clear();
            t.Execute(
                "INSERT INTO user_account (username, email, password, created, modified, password_expires) VALUES ('ada', 'a@b', '', 1, 1, 1)"
            );
            t.Execute(
                "INSERT INTO user_group (name, creator_id, created, modified) VALUES ('one', 1, 1, 1), ('two', 1, 1, 1)"
            );
            var parts = Parts.Select(kind => (long[])[Part(t, kind, 1), Part(t, kind, 2)]).ToArray();
            _experiments = parts[0];
            var random = new Random(9);
            for (var i = 0; i < Jobs; i++)
            {
                var group = i % 5 == 0 ? 1 : 0;
                _rows.Add(Add(t, random, i, group, [.. parts.Select(p => p[group])]));
            }

            if (t.Dialect == Dialect.Postgres)
            {
                // As the database itself does after a while: a plan without statistics takes a table for empty.
                t.Execute("ANALYZE (VERBOSE false)");
            }

            return true;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await source.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Pages_in_every_order()
    {
        string[] searches =
        [
            "",
            "status:f*",
            "status:started",
            "status:nothing",
            "description:'*É 1?'",
            "timeout:'?h'",
            "24h, status:finished",
            "'été'",
            "fin",
        ];
        foreach (var search in searches)
        {
            // All ways to look at all jobs; of each search some of them, others for each.
            var way = search.Length;
            foreach (
                var key in (string?[])[null, "createdOn", "description", "status", "experiment", "entrypoint", "queue"]
            )
            {
                foreach (var descending in (bool[])[false, true])
                {
                    foreach (var experiment in (long?[])[null, _experiments[0], _experiments[1]])
                    {
                        if (search.Length == 0 || way++ % 5 == 0)
                        {
                            await PagesAsync(new Listing(search, null, key, descending, PageLength: 1000), experiment);
                        }
                    }
                }
            }
        }
    }

    private async Task PagesAsync(Listing listing, long? experiment)
    {
        var first = await PageAsync(listing, experiment);
        var second = await PageAsync(listing with { Index = 1000 }, experiment);
        long[] all = [.. first.Rows.Select(r => r.Id), .. second.Rows.Select(r => r.Id)];

        var expected = _rows.Where(r => (experiment is null || r.Experiment == experiment) && r.Holds(listing.Search));
        var ordered = listing.Descending
            ? expected.OrderByDescending(r => Key(r, listing.SortBy), Order).ThenByDescending(r => r.Id)
            : expected.OrderBy(r => Key(r, listing.SortBy), Order).ThenBy(r => r.Id);
        Assert.True(ordered.Select(r => r.Id).SequenceEqual(all), $"{listing} of {experiment}");
        Assert.Equal((all.Length, false), (first.Total, first.IsLowerBound));
        var some = await PageAsync(listing with { Index = 3, PageLength = 7 }, experiment);
        Assert.Equal(all.Skip(3).Take(7), some.Rows.Select(r => r.Id));
    }

    [Fact]
    public async Task A_hidden_job_is_in_no_list_and_no_total()
    {
        var gone = _rows.First(r => r.Experiment == _experiments[0]);
        await _store.WriteAsync(t =>
        {
            JobSubmit.Hide(t, JobReader.Get(t, _caller, gone.Id));
            Resources.Delete(t, JobReader.Kind, _caller, Resources.Get(t, JobReader.Kind, _caller, gone.Id));
            return true;
        });

        var left = _rows.Count(r => r.Experiment == _experiments[0]) - 1;
        Assert.Equal(left, (await PageAsync(new Listing(), _experiments[0])).Total);
        Assert.Equal(Jobs - 1, (await PageAsync(new Listing(), null)).Total);
    }

    private Task<JobPage> PageAsync(Listing listing, long? experiment) =>
        _store.ReadAsync(s => JobList.Page(s, _caller, listing, experiment));

    private static readonly Comparer<object> Order = Comparer<object>.Create(
        (a, b) => a is string text ? string.CompareOrdinal(text, (string)b) : ((long)a).CompareTo((long)b)
    );

    private object Key(Row row, string? key) =>
        key switch
        {
            "createdOn" => row.Modified,
            "description" => row.Description ?? "",
            "status" => DioptraStatus.Of(row.State),
            "experiment" => _names[row.Experiment],
            "entrypoint" => _names[row.Entrypoint],
            "queue" => _names[row.Queue],
            _ => 0L,
        };

    private long Part(ITransaction t, ResourceKind kind, long group)
    {
        var name = group == 1 ? "Zeta" : "alpha";
        var (id, _) = Resources.Create(t, kind, _caller, group, new Content(name, null, new { }));
        _names[id] = name;
        return id;
    }

    private Row Add(ITransaction t, Random random, int i, int group, long[] parts)
    {
        var (id, state) = (0L, (JobState[])[.. Enum.GetValues<JobState>()]);
        var row = new Row(
            id,
            parts[0],
            parts[1],
            parts[2],
            state[random.Next(state.Length)],
            i % 7 == 0 ? null : $"Été {random.Next(60)}",
            i % 3 == 0 ? "24h" : "1h",
            0
        );
        row = row with
        {
            Id = Resources
                .Create(t, JobReader.Kind, _caller, group + 1, new Content(null, row.Description, new { }))
                .Id,
        };
        var job = JobSubmit
            .Submit(
                t,
                new NewJob
                {
                    Id = row.Id,
                    Head = t.NextId(Sequence.Snapshot),
                    GroupId = group + 1,
                    UserId = 1,
                    Experiment = parts[0],
                    Entrypoint = parts[1],
                    Queue = parts[2],
                    TimeLimit = 1,
                    Detail = new JobDetail
                    {
                        Run = $"run {i}",
                        Description = row.Description,
                        Timeout = row.Timeout,
                        ExperimentSnapshot = Head(t, parts[0]),
                        EntrypointSnapshot = Head(t, parts[1]),
                        QueueSnapshot = Head(t, parts[2]),
                    },
                }
            )
            .Job!;
        var modified = job.Created + random.Next(50);
        t.Execute(
            "UPDATE job SET state = @State, modified = @modified WHERE id = @Id",
            new
            {
                State = row.State.Word(),
                modified,
                row.Id,
            }
        );
        return row with { Modified = modified };
    }

    private static long Head(ISession s, long id) =>
        s.Scalar<long>("SELECT head FROM resource WHERE id = @id", new { id });

    private sealed record Row(
        long Id,
        long Experiment,
        long Entrypoint,
        long Queue,
        JobState State,
        string? Description,
        string Timeout,
        long Modified
    )
    {
        public bool Holds(string search)
        {
            var status = DioptraStatus.Of(State);
            return search switch
            {
                "" => true,
                "status:f*" => status is "failed" or "finished",
                "status:started" => status == "started",
                "status:nothing" => false,
                "description:'*É 1?'" => Description is { Length: 6 } and [_, _, _, _, '1', _],
                "timeout:'?h'" => Timeout == "1h",
                "24h, status:finished" => Timeout == "24h" && status == "finished",
                "'été'" => Description is not null,
                "fin" => status == "finished",
                _ => throw new ArgumentException(search),
            };
        }
    }
}

public sealed class SqliteJobListTests() : JobListCompliance(new SqliteTestStore());

public sealed class PostgresJobListTests() : JobListCompliance(new PostgresTestStore());
