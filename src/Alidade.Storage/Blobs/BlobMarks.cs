using System.Buffers.Binary;
using System.Text.RegularExpressions;

namespace Alidade.Storage.Blobs;

/// <summary>Digests that something refers to, sixteen bytes of memory each.</summary>
public sealed partial class BlobMarks
{
    private readonly HashSet<UInt128> _marks = [];

    /// <summary>Marks every digest in a text, such as a JSON list of files.</summary>
    public void Add(string text)
    {
        foreach (var match in Digest().EnumerateMatches(text))
        {
            _marks.Add(Key(text.AsSpan(match.Index, match.Length)));
        }
    }

    public bool Contains(string sha256) => _marks.Contains(Key(sha256));

    /// <summary>Half of a digest: two that share it would only make a blob stay.</summary>
    private static UInt128 Key(ReadOnlySpan<char> sha256) =>
        BinaryPrimitives.ReadUInt128BigEndian(Convert.FromHexString(sha256[..32]));

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", RegexOptions.CultureInvariant)]
    private static partial Regex Digest();
}
