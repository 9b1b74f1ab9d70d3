using System.IO.Compression;
using System.Security.Cryptography;

namespace Alidade.Server.Pages.Web;

/// <summary>A style, script or font built by <c>web/</c>: its bytes, its type and the digest that names its version.</summary>
internal sealed class WebAsset
{
    private readonly Lazy<byte[]?> _brotli;

    public WebAsset(string path, byte[] content)
    {
        Path = path;
        Content = content;
        Version = Convert.ToHexStringLower(SHA256.HashData(content))[..12];
        ContentType = TypeOf(path);
        _brotli = new Lazy<byte[]?>(() => path.EndsWith(".woff2", StringComparison.Ordinal) ? null : Compress(content));
    }

    public string Path { get; }

    public byte[] Content { get; }

    public string Version { get; }

    public string ContentType { get; }

    /// <summary>Compressed once, when first asked for; null for what is compressed already.</summary>
    public byte[]? Brotli => _brotli.Value;

    private static string TypeOf(string path) =>
        System.IO.Path.GetExtension(path) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".woff2" => "font/woff2",
            _ => "application/octet-stream",
        };

    private static byte[] Compress(byte[] content)
    {
        using var target = new MemoryStream();
        using (var brotli = new BrotliStream(target, CompressionLevel.Optimal))
        {
            brotli.Write(content);
        }

        return target.ToArray();
    }
}
