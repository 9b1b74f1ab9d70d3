using System.Security.Cryptography;
using System.Text;

namespace Alidade.Server.Platform.Security;

/// <summary>Random secrets that are shown once and kept only as digests.</summary>
public static class Secret
{
    /// <summary>256 random bits as URL-safe text behind a prefix that secret scanners can find.</summary>
    public static string New(string prefix) =>
        prefix
        + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>SHA-256, hexadecimal: enough at rest for what is random.</summary>
    public static string Digest(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
