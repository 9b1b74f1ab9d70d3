using System.Text.Json;
using Alidade.Server.Platform.Errors;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Artifacts;

/// <summary>Files that tracking clients put into a run one by one, as parts of their caller's transaction.</summary>
public static class RunUploads
{
    /// <summary>Records a file whose bytes are stored; a file that was there before is replaced.</summary>
    /// <exception cref="RefusedException">See <see cref="RequirePlace"/>.</exception>
    public static void Put(ITransaction t, string run, string path, long size, string sha256, string? mediaType)
    {
        RunStore.LockArtifacts(t, run);
        RequirePlace(t, run, path);
        var file = new ArtifactFile(path[(path.LastIndexOf('/') + 1)..], size, sha256);
        RunStore.SetArtifact(
            t,
            new RunArtifact
            {
                Run = run,
                Path = path,
                Size = size,
                Content = JsonSerializer.Serialize(new[] { file }, JsonSerializerOptions.Web),
                Digest = sha256,
                MediaType = mediaType,
                At = t.Now,
            }
        );
    }

    /// <summary>A file and a folder of one path would hide each other.</summary>
    internal static void RequirePlace(ITransaction t, string run, string path)
    {
        if (RunStore.HasFolder(t, run, path))
        {
            throw new RefusedException("PathTakenError", $"'{path}' is a folder of {run}. Give the file another name.");
        }

        if (RunStore.FileAbove(t, run, path) is { } file)
        {
            throw new RefusedException(
                "PathTakenError",
                $"'{file}' is a file of {run}, so nothing can be put below it. Delete it, or choose another folder."
            );
        }
    }

    /// <summary>Takes away what stands at or below a path; bytes that nothing else names are collected later.</summary>
    public static void Delete(ITransaction t, string run, string path) => RunStore.DeleteArtifacts(t, run, path);
}
