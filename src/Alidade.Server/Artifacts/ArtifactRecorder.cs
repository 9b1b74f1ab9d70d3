using System.Text.Json;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Workers.Events;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Artifacts;

/// <summary>Makes artifacts of the files a job hands over, in the name of whoever submitted it.</summary>
public sealed class ArtifactRecorder
{
    /// <returns>What to tell the reader of the job's log.</returns>
    public IReadOnlyList<string> Record(ITransaction tx, EventTarget to, ArtifactEvent e)
    {
        var job = tx.First<JobOwner>(
            """
            SELECT j.id, j.group_id, j.user_id, j.experiment, d.entrypoint_snapshot FROM job j JOIN job_detail d ON d.job = j.id
            WHERE j.id = @Job
            """,
            new { to.Job }
        )!;
        // A file lies below its artifact's name, unless that says it all.
        var path = e.Folder || e.Files[0].Path == e.Name ? e.Name : $"{e.Name}/{e.Files[0].Path}";
        List<ArtifactFile> files =
        [
            .. e
                .Files.Select(f => new ArtifactFile(e.Folder ? f.Path : Path.GetFileName(f.Path), f.Size, f.Sha256))
                .OrderBy(f => f.Path, StringComparer.Ordinal),
        ];
        var digest = e.Folder ? Manifests.Save(tx, files) : files[0].Sha256;
        var told = Hidden(tx, to.Run, path, e.Folder);
        var resource = Save(tx, to, e, job, path, files);
        RunStore.SetArtifact(
            tx,
            new RunArtifact
            {
                Run = to.Run,
                Path = path,
                Folder = e.Folder ? 1 : 0,
                Size = files.Sum(f => f.Size),
                Content = JsonSerializer.Serialize(files, JsonSerializerOptions.Web),
                Digest = digest,
                MediaType = e.MediaType,
                Attempt = to.Attempt,
                Event = e.Number,
                Resource = resource,
                At = e.Time,
            }
        );
        return told;
    }

    /// <summary>
    /// A file and a folder of one path. The job has gone on when this is known, so nothing is refused. The SDK raises where
    /// one process of the job records both; what the artifact graph stores, and other processes, come by here.
    /// </summary>
    private static string[] Hidden(ITransaction tx, string run, string path, bool isFolder) =>
        RunStore.Artifact(tx, run, path) is { } there && there.Folder == (isFolder ? 0 : 1)
            ?
            [
                $"The artifact {path} was recorded as a file and as a folder: only the later one is kept. Give one another name.",
            ]
            : [];

    private static long Save(
        ITransaction tx,
        EventTarget to,
        ArtifactEvent e,
        JobOwner job,
        string path,
        List<ArtifactFile> files
    )
    {
        var caller = new Caller(job.UserId, "", new Dictionary<long, Role> { [job.GroupId] = Role.Contributor });
        var pin = e.Task is null ? null : ArtifactTasks.Find(tx, job.EntrypointSnapshot, e.Task);
        var content = ArtifactContent.Of(
            tx,
            $"mlflow-artifacts:/{job.Experiment}/{to.Run}/artifacts/{path}",
            e.Description ?? Description(e, job.Id),
            ArtifactFiles.Payload(tx, job.Id, to.Run, path, e.Folder, files, pin)
        );
        var earlier = RunStore.Artifact(tx, to.Run, path)?.Resource;
        if (earlier is { } id && Resources.Find(tx, ArtifactKind.Kind, caller, id) is { } current)
        {
            Resources.Revise(tx, ArtifactKind.Kind, caller, current, content);
            return id;
        }

        return Resources.Create(tx, ArtifactKind.Kind, caller, job.GroupId, content, job.Id).Id;
    }

    /// <summary>Dioptra's words for what an artifact graph stored.</summary>
    private static string? Description(ArtifactEvent e, long job) =>
        e.Task is null ? null : $"Artifact, {e.Name}, generated and stored as part of job, {job}";

    private sealed record JobOwner
    {
        public long Id { get; init; }
        public long GroupId { get; init; }
        public long UserId { get; init; }
        public long Experiment { get; init; }
        public long EntrypointSnapshot { get; init; }
    }
}
