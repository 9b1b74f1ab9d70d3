using System.Security.Cryptography;

namespace Alidade.Server.Imports.Sources;

/// <summary>Files uploaded one by one, each with its path as its name.</summary>
internal static class UploadSource
{
    /// <returns>The SHA-256 over the contents, in the order of the paths' parts.</returns>
    public static async Task<string> ReadAsync(
        SourceTree tree,
        IReadOnlyList<IFormFile> files,
        CancellationToken cancellation
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        foreach (var file in files.OrderBy(f => SourcePath.Of(f.FileName).Split('/'), PartsOrder.Instance))
        {
            await using var content = file.OpenReadStream();
            await tree.AddAsync(file.FileName, content, file.Length, cancellation);
            content.Position = 0;
            for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0; )
            {
                hash.AppendData(buffer, 0, read);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed class PartsOrder : IComparer<string[]>
    {
        public static readonly PartsOrder Instance = new();

        public int Compare(string[]? x, string[]? y)
        {
            var first = x!.Zip(y!, string.CompareOrdinal).FirstOrDefault(order => order != 0);
            return first != 0 ? first : x!.Length - y!.Length;
        }
    }
}
