using System.Text.Json;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Artifacts;

/// <summary>Files that tracking clients put into a run one by one, as parts of their caller's transaction.</summary>
public static class RunUploads
{
    /// <summary>Records a file whose bytes are stored; what was there before is replaced.</summary>
    public static void Put(ITransaction t, string run, string path, long size, string sha256, string? mediaType)
    {
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

    /// <summary>Takes away what stands at or below a path; bytes that nothing else names are collected later.</summary>
    public static void Delete(ITransaction t, string run, string path) => RunStore.DeleteArtifacts(t, run, path);
}
