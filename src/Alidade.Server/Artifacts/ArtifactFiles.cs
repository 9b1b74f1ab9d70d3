using System.Text.RegularExpressions;
using Alidade.Server.Jobs;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Workers.Events;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Artifacts;

/// <summary>The files that artifacts are made of.</summary>
internal static partial class ArtifactFiles
{
    /// <summary>The files of a snapshot, as they were when it was made.</summary>
    public static IReadOnlyList<ArtifactFile> Of(ISession s, long artifact, ArtifactPayload payload) =>
        (
            payload.Manifest is { } manifest
                ? Manifests.Read(s, manifest)
                : RunFiles.Find(s, payload.Run, payload.Path)?.Files
        ) ?? throw new NotFoundException("artifact_file", ("artifact_id", artifact));

    /// <summary>What a snapshot holds that shows these files.</summary>
    public static ArtifactPayload Payload(
        ITransaction t,
        long job,
        string run,
        string path,
        bool folder,
        IReadOnlyList<ArtifactFile> files,
        TaskPin? task
    )
    {
        var manifest = Manifests.Save(t, files);
        return new ArtifactPayload(
            job,
            run,
            path,
            folder,
            folder ? null : files[0].Size,
            task,
            manifest,
            folder ? manifest : files[0].Sha256
        );
    }

    /// <summary>The files of the job's run that an address names: <c>…/RUN/artifacts/PATH</c>.</summary>
    public static (string Run, RunFiles Files) Locate(ISession s, JobRow job, string uri)
    {
        var match = RunPath().Match(uri);
        var run = match.Groups["run"].Value;
        if (!match.Success || !IsOf(s, job, run))
        {
            throw RunStore.Alias(s, job.Id) is null && job.Attempts == 0
                ? new RefusedException(
                    "JobMlflowRunNotSetError",
                    $"Job {job.Id} has no run yet that could hold files. Name it: POST /jobs/{job.Id}/mlflowRun."
                )
                : new RefusedException(
                    "JobStoreError",
                    $"The address must contain /RUN/artifacts/PATH with a run of job {job.Id}: "
                        + $"{string.Join(" or ", JobReader.Runs(s, job.Id))}."
                );
        }

        var path = match.Groups["path"].Value.TrimEnd('/');
        var files =
            RunFiles.Find(s, run, path)
            ?? RunFiles.Find(s, run, Uri.UnescapeDataString(path))
            ?? throw new RefusedException("JobStoreError", $"Run {run} has no artifact '{path}'. Upload it first.");
        RefuseStrayNames(files);
        return (run, files);
    }

    /// <summary>A run that a client named before it was known here may since have come up in another group.</summary>
    private static bool IsOf(ISession s, JobRow job, string run) =>
        JobReader.Runs(s, job.Id).Contains(run)
        && (RunStore.Find(s, run) is not { } known || known.GroupId == job.GroupId);

    /// <summary>The names go into archives and into folders of workers.</summary>
    private static void RefuseStrayNames(RunFiles files)
    {
        try
        {
            foreach (var file in files.Files)
            {
                ArtifactEvents.CheckPath(file.Path);
            }
        }
        catch (FormatException e)
        {
            throw new RefusedException("JobStoreError", "The files cannot become an artifact: " + e.Message);
        }
    }

    [GeneratedRegex("/(?<run>[0-9a-f]{32})/artifacts/(?<path>[^/].*)$", RegexOptions.CultureInvariant)]
    private static partial Regex RunPath();
}
