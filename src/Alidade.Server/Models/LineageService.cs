using System.Globalization;
using Alidade.Server.Artifacts;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Models;

/// <summary>Follows a version of a model back to its data and forward to who used it, as far as the caller may see.</summary>
public sealed class LineageService(Stores stores)
{
    private const int MostUses = 200;

    public Task<LineageView> OfVersionAsync(Caller caller, long model, long number, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Of(s, caller, model, number), cancellation);

    private static LineageView Of(ISession s, Caller caller, long model, long number)
    {
        Resources.Get(s, ResourceKind.Model, caller, model);
        var version =
            RegisteredModels.FindVersion(s, model, number)
            ?? throw new NotFoundException(
                ModelVersions.Kind.Name,
                (ResourceKind.Model.IdField, model),
                (ModelVersions.Kind.IdField, number)
            );
        var artifact = ModelVersions.Find(s, model, number)!.ArtifactId;
        var digest = artifact is { } id ? DigestOf(s, id) : null;
        var run = version.Run is { } made ? RunStore.Find(s, made) : null;
        var isVisible = run is not null && caller.Groups.ContainsKey(run.GroupId) && !run.IsDeleted;
        return new LineageView(
            isVisible ? Data(s, caller, run!) : [],
            isVisible ? MadeBy(s, run!) : null,
            new LineageVersion(model, version.ModelName, number, artifact, digest),
            UsedBy(s, caller, version, artifact)
        );
    }

    private static IReadOnlyList<LineageData> Data(ISession s, Caller caller, RunRow run)
    {
        var artifacts = s.Query<InputRow>(
            """
            SELECT i.artifact AS id, r.name, h.payload FROM job_input i JOIN resource r ON r.id = i.artifact
                JOIN snapshot h ON h.id = r.head
            WHERE i.job = @Job AND r.group_id = ANY(@Visible) ORDER BY i.parameter
            """,
            new { run.Job, caller.Visible }
        );
        return
        [
            .. artifacts.Select(a => new LineageData("artifact", NameOf(a.Name), DigestIn(a.Payload), a.Id, a.Name)),
            .. RunInputs.Of(s, run.Id).Select(d => new LineageData("dataset", d.Name, d.Digest, null, d.Source)),
        ];
    }

    private static LineageStep MadeBy(ISession s, RunRow run) =>
        run.Job is { } job
            ? Jobs(s, "j.id = @job", new { job }).Select(Step).FirstOrDefault() ?? Step(s, run)
            : Step(s, run);

    private static IReadOnlyList<LineageStep> UsedBy(
        ISession s,
        Caller caller,
        RegisteredVersion version,
        long? artifact
    )
    {
        var jobs = artifact is null
            ? []
            : Jobs(
                s,
                "j.id IN (SELECT job FROM job_input WHERE artifact = @artifact) AND j.group_id = ANY(@Visible)",
                new { artifact, caller.Visible }
            );
        var runs = s.Query<UseRow>(
            $"""
            SELECT u.id, u.name, u.status, u.ended, t.value AS evaluation FROM run u
                LEFT JOIN run_tag t ON t.run = u.id AND t.name = @EvaluationTag
            WHERE u.deleted IS NULL AND u.group_id = ANY(@Visible) AND u.id IN (
                SELECT run FROM run_model WHERE model = @LoggedModel AND role = 'input'
                UNION SELECT run FROM run_tag WHERE name = @VersionTag
                    AND substr(value, 1, 100) = substr(@Version, 1, 100) AND value = @Version)
            ORDER BY u.started DESC LIMIT {MostUses}
            """,
            new
            {
                AliasGates.EvaluationTag,
                AliasGates.VersionTag,
                version.LoggedModel,
                caller.Visible,
                Version = FormattableString.Invariant($"{version.ModelName}/{version.Number}"),
            }
        );
        return
        [
            .. jobs.Select(Step),
            .. runs.Select(r => new LineageStep(
                "run",
                r.Id,
                r.Name ?? r.Id,
                r.Status.ToLowerInvariant(),
                r.Evaluation,
                r.Ended is { } ended ? Wire.Time(ended) : null
            )),
        ];
    }

    private static IReadOnlyList<JobUse> Jobs(ISession s, string where, object args) =>
        s.Query<JobUse>(
            $"""
            SELECT j.id, e.name AS entrypoint, j.state, j.ended FROM job j JOIN resource e ON e.id = j.entrypoint
            WHERE {where} AND j.deleted IS NULL ORDER BY j.id DESC LIMIT {MostUses}
            """,
            args
        );

    private static LineageStep Step(JobUse job)
    {
        var id = job.Id.ToString(CultureInfo.InvariantCulture);
        return new LineageStep(
            "job",
            id,
            $"Job {id}",
            job.State,
            job.Entrypoint,
            job.Ended is { } ended ? Wire.Time(ended) : null
        );
    }

    private static LineageStep Step(ISession s, RunRow run) =>
        new(
            "run",
            run.Id,
            run.Name ?? run.Id,
            run.Status.ToLowerInvariant(),
            RunStore.Tag(s, run.Id, AliasGates.EvaluationTag),
            run.Ended is { } ended ? Wire.Time(ended) : null
        );

    private static string? DigestOf(ISession s, long artifact) =>
        s.First<string>(
            "SELECT h.payload FROM resource r JOIN snapshot h ON h.id = r.head WHERE r.id = @artifact",
            new { artifact }
        )
            is { } payload
            ? DigestIn(payload)
            : null;

    private static string? DigestIn(string payload) =>
        System
            .Text.Json.JsonSerializer.Deserialize<ArtifactPayload>(payload, System.Text.Json.JsonSerializerOptions.Web)!
            .Digest;

    private static string NameOf(string uri) => uri[(uri.LastIndexOf('/') + 1)..];

    private sealed record InputRow
    {
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public string Payload { get; init; } = "{}";
    }

    private sealed record JobUse
    {
        public long Id { get; init; }
        public string Entrypoint { get; init; } = "";
        public string State { get; init; } = "";
        public long? Ended { get; init; }
    }

    private sealed record UseRow
    {
        public string Id { get; init; } = "";
        public string? Name { get; init; }
        public string Status { get; init; } = "";
        public long? Ended { get; init; }
        public string? Evaluation { get; init; }
    }
}
