using Alidade.Server.Groups;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Experiments;

/// <summary>
/// Experiments for clients that name none of our groups: what they make is made in the public group, or in the first
/// of the groups that a token is limited to. Each method is a part of its caller's transaction.
/// </summary>
public static class TrackedExperiments
{
    public const string DefaultName = "Default";

    internal const string Columns =
        "SELECT r.id, r.group_id, r.name, r.created, r.modified, r.deleted, r.purged, s.payload FROM resource r "
        + "JOIN snapshot s ON s.id = r.head WHERE r.kind = 'experiment' AND r.group_id = ANY(@Visible)";

    /// <summary>
    /// The group that new experiments of the caller belong to, whatever the caller may do there: what reads and what writes
    /// must mean the same experiment by a name.
    /// </summary>
    public static long HomeOf(ISession s, Caller caller) =>
        OwnGroups(caller) is [var first, ..] ? first
        : PublicGroup.Find(s) is { } everyone && caller.Groups.ContainsKey(everyone) ? everyone
        : caller.Groups.Keys.Order().FirstOrDefault();

    /// <summary>
    /// SQL: things of one name, the one that is meant first. That is one of the group that a job belongs to, or of those
    /// that a token is limited to, and else the oldest: a name goes on meaning what it meant, whoever uses it anew in
    /// another group.
    /// </summary>
    /// <param name="row">Alias of their resource; the arguments have <c>@Own</c>, of <see cref="OwnGroups"/>.</param>
    internal static string MeantFirst(string row) =>
        $"CASE WHEN {row}.group_id = ANY(@Own) THEN 0 ELSE 1 END, {row}.id";

    internal static long[] OwnGroups(Caller caller) =>
        caller.Attempt is { } attempt ? [attempt.Group] : [.. caller.Token?.Groups ?? []];

    /// <summary>Living or in the trash, and where runs of it are left also one that was purged.</summary>
    public static TrackedExperiment? Find(ISession s, Caller caller, long id) =>
        s.First<TrackedExperiment>(Columns + " AND r.id = @id", new { caller.Visible, id });

    public static IReadOnlyList<TrackedExperiment> FindMany(ISession s, Caller caller, IReadOnlyList<long> ids) =>
        s.Query<TrackedExperiment>(Columns + " AND r.id = ANY(@Ids)", new { caller.Visible, Ids = ids.ToArray() });

    /// <summary>The living experiment of this name, else one that was deleted; see <see cref="MeantFirst"/>.</summary>
    public static TrackedExperiment? FindByName(ISession s, Caller caller, string name) =>
        s.First<TrackedExperiment>(
            Columns
                + " AND r.name = @name AND r.purged IS NULL ORDER BY CASE WHEN r.deleted IS NULL THEN 0 ELSE 1 END, "
                + $"r.deleted DESC, {MeantFirst("r")} LIMIT 1",
            new
            {
                caller.Visible,
                name,
                // The default experiment has a fixed id too, which is that of the home group.
                Own = name == DefaultName ? [HomeOf(s, caller)] : OwnGroups(caller),
            }
        );

    /// <summary>The default experiment once it has been used.</summary>
    public static TrackedExperiment? FindDefault(ISession s, Caller caller) =>
        s.First<TrackedExperiment>(
            Columns
                + " AND r.name = @DefaultName AND r.group_id = @Home AND r.purged IS NULL "
                + "ORDER BY CASE WHEN r.deleted IS NULL THEN 0 ELSE 1 END, r.deleted DESC LIMIT 1",
            new
            {
                caller.Visible,
                DefaultName,
                Home = HomeOf(s, caller),
            }
        );

    /// <returns>The new experiment's id.</returns>
    public static long Create(ITransaction t, Caller caller, string name, string? artifactLocation)
    {
        var group = HomeOf(t, caller);
        caller.Require(group, Role.Contributor);
        var content = new Content(name, null, new ExperimentPayload(artifactLocation));
        return Resources.Create(t, ResourceKind.Experiment, caller, group, content).Id;
    }

    public static void Rename(ITransaction t, Caller caller, TrackedExperiment experiment, string name)
    {
        var current = Resources.GetToChange(t, ResourceKind.Experiment, caller, experiment.Id);
        var content = new Content(name, current.Description, current.Read<ExperimentPayload>());
        Resources.Revise(t, ResourceKind.Experiment, caller, current, content);
    }

    /// <summary>Deletes it with its stand-alone runs.</summary>
    public static void Delete(ITransaction t, Caller caller, TrackedExperiment experiment)
    {
        var current = Resources.GetToChange(t, ResourceKind.Experiment, caller, experiment.Id);
        Resources.Delete(t, ResourceKind.Experiment, caller, current);
        RunStore.DeleteOf(t, experiment.Id);
    }

    /// <summary>Brings it back with the runs that went with it.</summary>
    public static void Restore(ITransaction t, Caller caller, TrackedExperiment experiment)
    {
        caller.Require(experiment.GroupId, Role.Contributor);
        Resources.Restore(t, ResourceKind.Experiment, caller, experiment.Id);
        RunStore.RestoreOf(t, experiment.Id, experiment.Deleted!.Value);
    }

    public static ILookup<long, NamedValue> Tags(ISession s, IEnumerable<long> experiments) =>
        s.Query<TagOf>(
                "SELECT experiment, name, value FROM experiment_tag WHERE experiment = ANY(@Ids) ORDER BY name",
                new { Ids = experiments.ToArray() }
            )
            .ToLookup(t => t.Experiment, t => new NamedValue { Name = t.Name, Value = t.Value });

    public static void SetTag(ITransaction t, Caller caller, TrackedExperiment experiment, string name, string value)
    {
        caller.Require(experiment.GroupId, Role.Contributor);
        t.Execute(
            """
            INSERT INTO experiment_tag (experiment, name, value) VALUES (@Id, @name, @value)
            ON CONFLICT (experiment, name) DO UPDATE SET value = excluded.value
            """,
            new
            {
                experiment.Id,
                name,
                value,
            }
        );
    }

    /// <summary>False when there is no such tag.</summary>
    public static bool DeleteTag(ITransaction t, Caller caller, TrackedExperiment experiment, string name)
    {
        caller.Require(experiment.GroupId, Role.Contributor);
        return t.Execute(
                "DELETE FROM experiment_tag WHERE experiment = @Id AND name = @name",
                new { experiment.Id, name }
            ) == 1;
    }

    private sealed record TagOf
    {
        public long Experiment { get; init; }
        public string Name { get; init; } = "";
        public string Value { get; init; } = "";
    }
}
