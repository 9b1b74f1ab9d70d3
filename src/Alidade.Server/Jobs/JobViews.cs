using System.Text.Json;
using Alidade.Engine.Jobs;
using Alidade.Server.Artifacts;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Jobs;

namespace Alidade.Server.Jobs;

/// <summary>How jobs look on the wire; what they refer to is read for all of a page at once.</summary>
public sealed class JobViews(WaitingReasons reasons)
{
    public JobView One(ISession s, JobRow job) => Of(s, [job])[0];

    public IReadOnlyList<JobView> Of(ISession s, IReadOnlyList<JobRow> jobs)
    {
        if (jobs.Count == 0)
        {
            return [];
        }

        var context = Context.Load(s, jobs);
        var artifacts = Artifacts(s, jobs);
        var waiting = reasons.Explain(s, jobs);
        return
        [
            .. jobs.Select(job =>
                context.View(job, null) with
                {
                    HasDraft = false,
                    Artifacts = [.. artifacts[job.Id]],
                    WaitingReason = waiting.GetValueOrDefault(job.Id),
                }
            ),
        ];
    }

    /// <summary>A job that was made just now, of what is known of it.</summary>
    internal JobView New(
        ISession s,
        JobRow job,
        JobDetail detail,
        Caller caller,
        JobParts parts,
        Shape shape,
        IReadOnlyList<long> after
    ) =>
        Context.New(job, detail, caller, parts, shape, after).View(job, null) with
        {
            HasDraft = false,
            Artifacts = [],
            WaitingReason = reasons.Explain(s, [job]).GetValueOrDefault(job.Id),
        };

    /// <summary>The job as it was after each of these events.</summary>
    public static IReadOnlyList<JobView> Snapshots(ISession s, JobRow job, IReadOnlyList<JobEventRow> events)
    {
        var context = Context.Load(s, [job]);
        return [.. events.Select(e => context.View(job, e))];
    }

    /// <summary>The kind is hidden from SQLite, which would walk all artifacts instead of those of these jobs.</summary>
    private static ILookup<long, ArtifactRef> Artifacts(ISession s, IReadOnlyList<JobRow> jobs) =>
        s.Query<RefRow>(
                """
                SELECT r.parent_id AS parent, r.id, '' AS name, r.group_id, g.name AS group_name
                FROM resource r JOIN user_group g ON g.id = r.group_id
                WHERE r.parent_id = ANY(@Jobs) AND COALESCE(r.kind, '') = 'artifact' AND r.deleted IS NULL ORDER BY r.id
                """,
                new { Jobs = Ids(jobs) }
            )
            .ToLookup(r => r.Parent, r => ArtifactRef.Of(r.Id, r.GroupId, r.GroupName));

    private static long[] Ids(IReadOnlyList<JobRow> jobs) => [.. jobs.Select(j => j.Id)];

    /// <summary>What the jobs of a page refer to.</summary>
    private sealed class Context
    {
        public required Dictionary<long, JobDetail> Details { get; init; }
        public required Dictionary<long, GroupRef> Groups { get; init; }
        public required Dictionary<long, UserRef> Users { get; init; }
        public required Dictionary<long, SnapshotRow> Pins { get; init; }
        public required ILookup<long, TagRef> Tags { get; init; }
        public required Dictionary<long, Shape> Shapes { get; init; }
        public required ILookup<long, long> After { get; init; }

        public static Context Load(ISession s, IReadOnlyList<JobRow> jobs)
        {
            var ids = Ids(jobs);
            var details = s.Query<JobDetail>("SELECT * FROM job_detail WHERE job = ANY(@Ids)", new { Ids = ids })
                .ToDictionary(d => d.Job);
            var pins = details
                .Values.SelectMany(d => (long[])[d.QueueSnapshot, d.ExperimentSnapshot, d.EntrypointSnapshot])
                .Distinct()
                .ToArray();
            return new Context
            {
                Details = details,
                Pins = s.Query<SnapshotRow>(
                        """
                        SELECT s.id AS snapshot, r.id, s.name, r.group_id, g.name AS group_name FROM snapshot s
                        JOIN resource r ON r.id = s.resource_id JOIN user_group g ON g.id = r.group_id WHERE s.id = ANY(@Pins)
                        """,
                        new { Pins = pins }
                    )
                    .ToDictionary(p => p.Snapshot),
                Groups = s.Query<NameRow>(
                        "SELECT id, name FROM user_group WHERE id = ANY(@Ids)",
                        new { Ids = jobs.Select(j => j.GroupId).Distinct().ToArray() }
                    )
                    .ToDictionary(g => g.Id, g => GroupRef.Of(g.Id, g.Name)),
                Users = s.Query<NameRow>(
                        """
                        SELECT id, username AS name FROM user_account
                        WHERE id IN (SELECT user_id FROM job_event WHERE job = ANY(@Ids) AND user_id IS NOT NULL)
                            OR id IN (SELECT user_id FROM job WHERE id = ANY(@Ids))
                        """,
                        new { Ids = ids }
                    )
                    .ToDictionary(u => u.Id, u => UserRef.Of(u.Id, u.Name)),
                Tags = s.Query<TagRow>(
                        """
                        SELECT rt.resource_id, t.id, t.name, t.group_id, g.name AS group_name FROM resource_tag rt
                        JOIN tag t ON t.id = rt.tag_id JOIN user_group g ON g.id = t.group_id
                        WHERE rt.resource_id = ANY(@Ids) ORDER BY t.id
                        """,
                        new { Ids = ids }
                    )
                    .ToLookup(t => t.ResourceId, TagRef.Of),
                Shapes = s.Query<LaneRow>(
                        "SELECT * FROM lane WHERE id = ANY(@Ids)",
                        new { Ids = jobs.Select(j => j.Lane).Distinct().ToArray() }
                    )
                    .ToDictionary(l => l.Id, l => l.Shape),
                After = Dependents.All(s, ids),
            };
        }

        public static Context New(
            JobRow job,
            JobDetail detail,
            Caller caller,
            JobParts parts,
            Shape shape,
            IReadOnlyList<long> after
        ) =>
            new()
            {
                Details = new() { [job.Id] = detail },
                Pins = ((Versioned[])[parts.Queue, parts.Experiment, parts.Entrypoint])
                    .Select(SnapshotRow.Of)
                    .ToDictionary(p => p.Snapshot),
                Groups = new() { [job.GroupId] = GroupRef.Of(job.GroupId, parts.Experiment.GroupName) },
                Users = new() { [job.UserId] = UserRef.Of(job.UserId, caller.Username) },
                Tags = Array.Empty<TagRef>().ToLookup(_ => job.Id),
                Shapes = new() { [job.Lane] = shape },
                After = after.Order().ToLookup(_ => job.Id),
            };

        /// <param name="at">The event after which the job is shown; null for the job as it is.</param>
        public JobView View(JobRow job, JobEventRow? at)
        {
            var detail = Details[job.Id];
            var state = at?.State ?? job.State;
            var ended = job.Ended;
            return new JobView
            {
                Id = job.Id,
                Snapshot = at?.Id ?? job.Head,
                Group = Groups[job.GroupId],
                User = Users[at?.UserId ?? job.UserId],
                CreatedOn = Wire.Time(job.Created),
                SnapshotCreatedOn = Wire.Time(at?.At ?? job.Modified),
                LastModifiedOn = Wire.Time(job.Modified),
                LatestSnapshot = (at?.Id ?? job.Head) == job.Head,
                Tags = [.. Tags[job.Id]],
                Description = detail.Description,
                Queue = Ref("queues", Pins[detail.QueueSnapshot]),
                Experiment = Ref("experiments", Pins[detail.ExperimentSnapshot]),
                Entrypoint = Ref("entrypoints", Pins[detail.EntrypointSnapshot]),
                Values = Read<Dictionary<string, string?>>(detail.ParameterValues),
                ArtifactValues = Read<Dictionary<string, ArtifactPin>>(detail.ArtifactValues),
                Timeout = detail.Timeout,
                Status = DioptraStatus.Of(States.Job(state)),
                State = state,
                Reason = at is null ? job.Reason : at.Reason,
                Message = at is null ? job.Message : at.Message,
                Attempts = job.Attempts,
                Priority = job.Priority,
                NotBefore = job.JobState == JobState.Scheduled && !job.IsHeld ? Wire.Time(job.RunAt) : null,
                NotAfter = Wire.Time(job.NotAfter),
                After = [.. After[job.Id]],
                Labels = Shapes[job.Lane].Labels,
                Resources = Resources(Shapes[job.Lane].Capacity),
                MaxFailures = job.MaxFailures,
                MaxLosses = job.MaxLosses,
                Restartable = job.Restartable != 0,
                Seed = detail.Seed,
                RunId = detail.Run,
                StartedOn = Wire.Time(job.Started),
                EndedOn = Wire.Time(ended),
                DurationSeconds =
                    job.Started is { } from && ended is { } to ? (to - from) / (double)Timing.Second : null,
            };
        }

        private static ResourceAmounts Resources(Capacity taken) => new(taken.Cpu / 1000.0, taken.Memory, taken.Gpus);

        private static SnapshotRef Ref(string collection, SnapshotRow pin) =>
            new(
                pin.Id,
                pin.Snapshot,
                GroupRef.Of(pin.GroupId, pin.GroupName),
                $"{Wire.Root}/{collection}/{pin.Id}/snapshots/{pin.Snapshot}",
                pin.Name
            );

        private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web)!;
    }

    private sealed record SnapshotRow
    {
        public long Snapshot { get; init; }
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public long GroupId { get; init; }
        public string GroupName { get; init; } = "";

        public static SnapshotRow Of(Versioned pin) =>
            new()
            {
                Snapshot = pin.Snapshot,
                Id = pin.Id,
                Name = pin.Name!,
                GroupId = pin.GroupId,
                GroupName = pin.GroupName,
            };
    }

    private sealed record NameRow
    {
        public long Id { get; init; }
        public string Name { get; init; } = "";
    }
}
