using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>Lists of files by their digest: equal lists are one, and never change.</summary>
public static class Manifests
{
    /// <returns>The SHA-256 of the list, by which it is read.</returns>
    public static string Save(ITransaction tx, IReadOnlyList<ArtifactFile> files)
    {
        var text = JsonSerializer.Serialize(files, JsonSerializerOptions.Web);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        tx.Execute(
            "INSERT INTO artifact_manifest (digest, files) VALUES (@digest, @text) ON CONFLICT DO NOTHING",
            new { digest, text }
        );
        return digest;
    }

    public static IReadOnlyList<ArtifactFile>? Read(ISession read, string digest) =>
        read.First<string>("SELECT files FROM artifact_manifest WHERE digest = @digest", new { digest }) is { } text
            ? JsonSerializer.Deserialize<ArtifactFile[]>(text, JsonSerializerOptions.Web)
            : null;
}
