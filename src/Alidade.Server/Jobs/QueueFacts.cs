using Alidade.Engine.Jobs;
using Alidade.Server.Users;
using Alidade.Server.Workers;
using Alidade.Storage.Jobs;
using Alidade.Storage.Workers;

namespace Alidade.Server.Jobs;

/// <summary>What decides how long queued jobs wait: workers, what each has free, pauses, and places in the line.</summary>
internal sealed class QueueFacts
{
    /// <summary>How many places are counted, of all lanes together.</summary>
    public const int MostCounted = 1000;

    /// <summary>Stands for more than are counted.</summary>
    public const int Many = int.MaxValue;

    private const int LeastCounted = 50;

    private readonly Dictionary<long, QueueName> _queues;
    private readonly Dictionary<long, LaneRow> _lanes;
    private readonly Dictionary<long, long> _paused;
    private readonly Lazy<IReadOnlyDictionary<long, WorkerUse>> _use;
    private readonly List<(WorkerRow Worker, HashSet<long> Queues)> _workers;
    private readonly Dictionary<long, FullGroup> _full;
    private readonly Dictionary<long, int> _places = [];
    private readonly Lazy<bool> _areSeveral;

    private QueueFacts(ISession s, IReadOnlyList<JobRow> jobs)
    {
        var queues = jobs.Select(j => j.Queue).Distinct().ToArray();
        _queues = QueueDirectory.Of(s, queues).ToDictionary(q => q.Id);
        _lanes = s.Query<LaneRow>(
                "SELECT * FROM lane WHERE id = ANY(@Ids)",
                new { Ids = jobs.Select(j => j.Lane).Distinct().ToArray() }
            )
            .ToDictionary(l => l.Id);
        _paused = s.Query<Pause>("SELECT queue, at FROM queue_pause WHERE queue = ANY(@queues)", new { queues })
            .ToDictionary(p => p.Queue, p => p.At);
        _use = new(() => WorkerUse.All(s));
        _areSeveral = new(() => UserRows.AskSeveral(s).First > 1);
        _workers = Workers(s, [.. _queues.Values]);
        _full = s.Query<FullGroup>(
                """
                SELECT g.id, g.name, q.running FROM group_quota q JOIN user_group g ON g.id = q.group_id
                WHERE q.group_id = ANY(@groups) AND q.running <= (SELECT COUNT(*) FROM job j
                    WHERE j.group_id = q.group_id AND j.state IN ('claimed', 'running', 'unreachable', 'cancelling'))
                """,
                new { groups = jobs.Select(j => j.GroupId).Distinct().ToArray() }
            )
            .ToDictionary(g => g.Id);
        CountPlaces(s, jobs);
    }

    /// <param name="jobs">The queued jobs to be explained.</param>
    public static QueueFacts Load(ISession s, IReadOnlyList<JobRow> jobs) => new(s, jobs);

    /// <summary>Whether the server has several users, so that none of their jobs may run unguarded.</summary>
    public bool AreSeveral => _areSeveral.Value;

    public string NameOf(long queue) => _queues.TryGetValue(queue, out var name) ? name.Name : "";

    public long? PausedSince(long queue) => _paused.TryGetValue(queue, out var at) ? at : null;

    public Shape ShapeOf(JobRow job) => _lanes[job.Lane].Shape;

    public IReadOnlyList<WorkerRow> Serving(long queue) =>
        [.. _workers.Where(w => w.Queues.Contains(queue)).Select(w => w.Worker)];

    public Capacity Free(WorkerRow worker) =>
        worker.Offer.Capacity.Without(
            _use.Value.TryGetValue(worker.Worker, out var use) ? use.Capacity : Capacity.None
        );

    /// <summary>The group of a queued job, where its quota leaves no place.</summary>
    public FullGroup? Full(JobRow job) => _full.GetValueOrDefault(job.GroupId);

    /// <summary>How many that are alike to every worker come first.</summary>
    public int Ahead(JobRow job) => _places.GetValueOrDefault(job.Id, Many);

    private static List<(WorkerRow, HashSet<long>)> Workers(ISession s, IReadOnlyList<QueueName> queues)
    {
        var groups = new Dictionary<long, IReadOnlyList<long>>();
        IReadOnlyList<long> Groups(long pool) =>
            groups.TryGetValue(pool, out var known) ? known : groups[pool] = Pools.Groups(s, pool);
        return
        [
            .. SessionReader
                .Live(s)
                .Select(w =>
                    (w, queues.Where(q => QueueDirectory.Serves(q, w, Groups(w.Pool))).Select(q => q.Id).ToHashSet())
                ),
        ];
    }

    /// <summary>The fewer lanes there are on a page, the more places of each are counted.</summary>
    private void CountPlaces(ISession s, IReadOnlyList<JobRow> jobs)
    {
        var lanes = jobs.GroupBy(j => j.Lane).ToList();
        var most = Math.Max(LeastCounted, MostCounted / lanes.Count);
        foreach (var lane in lanes)
        {
            if (lane.ToList() is [var only])
            {
                _places[only.Id] = CountAhead(s, only, most);
                continue;
            }

            var line = s.Query<long>(
                $"""
                SELECT id FROM job WHERE lane = @Lane AND state = 'queued' AND rank <= @Last
                ORDER BY rank, id LIMIT {most}
                """,
                new { Lane = lane.Key, Last = lane.Max(j => j.Rank) }
            );
            foreach (var (place, id) in line.Index())
            {
                _places[id] = place;
            }
        }
    }

    /// <summary>A single job's place needs no list of all that come before.</summary>
    private static int CountAhead(ISession s, JobRow job, int most)
    {
        var ahead = s.Scalar<int>(
            $"""
            SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE lane = @Lane AND state = 'queued' AND (rank, id) < (@Rank, @Id)
                LIMIT {most}) AS ahead
            """,
            job
        );
        return ahead < most ? ahead : Many;
    }

    /// <summary>A group that has as many running jobs as it may.</summary>
    internal sealed record FullGroup
    {
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public int Running { get; init; }
    }

    private sealed record Pause
    {
        public long Queue { get; init; }
        public long At { get; init; }
    }
}
