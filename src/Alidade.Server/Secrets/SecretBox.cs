using System.Security.Cryptography;
using System.Text;

namespace Alidade.Server.Secrets;

/// <summary>
/// Seals values with AES-256-GCM. What a value belongs to is sealed with it, so that one which is moved to another row of
/// the database does not open there.
/// </summary>
public sealed class SecretBox(SecretKeys keys)
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <returns>The key's id, and what to store.</returns>
    public (string KeyId, string Sealed) Seal(string value, long group, string name, int version) =>
        Seal(keys.Current(), value, group, name, version);

    /// <exception cref="SecretException">Its key is not here, or the row was tampered with.</exception>
    public string Open(SecretRow row)
    {
        var key =
            keys.Find(row.KeyId)
            ?? throw new SecretException(
                $"The secret {row.Name} was sealed with key {row.KeyId}, which is not in this server's key file. "
                    + "Put the key file back, or give the secret a new value."
            );
        try
        {
            return Open(key, row);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            throw new SecretException($"The secret {row.Name} cannot be opened: what is stored was changed.", e);
        }
    }

    /// <summary>The same value under another key.</summary>
    public (string KeyId, string Sealed) Reseal(SecretKey key, SecretRow row) =>
        Seal(key, Open(row), row.GroupId, row.Name, row.Version);

    private static (string, string) Seal(SecretKey key, string value, long group, string name, int version)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var box = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceLength));
        using var aes = new AesGcm(key.Bytes, TagLength);
        aes.Encrypt(
            box.AsSpan(0, NonceLength),
            plain,
            box.AsSpan(NonceLength, plain.Length),
            box.AsSpan(NonceLength + plain.Length),
            Belonging(group, name, version)
        );
        CryptographicOperations.ZeroMemory(plain);
        return (key.Id, Convert.ToBase64String(box));
    }

    private static string Open(SecretKey key, SecretRow row)
    {
        var box = Convert.FromBase64String(row.Sealed);
        var plain = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key.Bytes, TagLength);
        aes.Decrypt(
            box.AsSpan(0, NonceLength),
            box.AsSpan(NonceLength, plain.Length),
            box.AsSpan(NonceLength + plain.Length),
            plain,
            Belonging(row.GroupId, row.Name, row.Version)
        );
        return Encoding.UTF8.GetString(plain);
    }

    private static byte[] Belonging(long group, string name, int version) =>
        Encoding.UTF8.GetBytes($"alidade secret 1\n{group}\n{name}\n{version}");
}

/// <summary>A secret cannot be given; the message says why, and never holds any of it.</summary>
public sealed class SecretException(string message, Exception? inner = null) : Exception(message, inner);
