using System.Security.Cryptography;
using System.Text.Json;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Secrets;

/// <summary>A key that secrets are sealed under.</summary>
/// <param name="Id">Begins the SHA-256 of the key; rows name it.</param>
/// <param name="Key">32 bytes, in base64.</param>
public sealed record SecretKey(string Id, DateTimeOffset Created, string Key)
{
    public byte[] Bytes => Convert.FromBase64String(Key);

    /// <summary>Without the key.</summary>
    public override string ToString() => $"key {Id}";
}

/// <summary>
/// The key file, which only its owner may read. The last key in it seals; the earlier ones open what was sealed before
/// the change, as in a restored backup. It is made when the first secret is.
/// </summary>
public sealed class SecretKeys(string path, TimeProvider time)
{
    /// <summary>In the data folder, unless the settings name another.</summary>
    public const string FileName = "secrets.key";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Lock _gate = new();
    private IReadOnlyList<SecretKey> _known = [];

    /// <summary>
    /// Refuses a file that others may read or that is damaged; one that is not there is fine where it can be made.
    /// </summary>
    /// <exception cref="DataFolderException">With the reason.</exception>
    public void Check()
    {
        if (Path.GetDirectoryName(path) is { } folder && !Directory.Exists(folder))
        {
            throw new DataFolderException($"The key file {path} cannot be made: there is no folder {folder}. Make it.");
        }

        lock (_gate)
        {
            _known = Read();
        }
    }

    /// <summary>The key to seal with.</summary>
    public SecretKey Current()
    {
        lock (_gate)
        {
            _known = Read();
            return _known.Count > 0 ? _known[^1] : Append();
        }
    }

    /// <summary>A key that something was sealed with; null when it is not here.</summary>
    public SecretKey? Find(string id)
    {
        lock (_gate)
        {
            // Another server over the same database may have made a new one.
            return _known.FirstOrDefault(key => key.Id == id) ?? (_known = Read()).FirstOrDefault(key => key.Id == id);
        }
    }

    /// <summary>A new key, which seals from now on.</summary>
    public SecretKey Renew()
    {
        lock (_gate)
        {
            _known = Read();
            return Append();
        }
    }

    private SecretKey Append()
    {
        var bytes = RandomNumberGenerator.GetBytes(32);
        var id = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        var key = new SecretKey(id, time.GetUtcNow(), Convert.ToBase64String(bytes));
        _known = [.. _known, key];
        Write(_known);
        return key;
    }

    private IReadOnlyList<SecretKey> Read()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
        {
            throw new DataFolderException(
                $"The key file {path} is open to others than its owner. Close it: chmod 600 {path}. "
                    + "If others could read it, give the secrets new values."
            );
        }

        try
        {
            var keys = JsonSerializer.Deserialize<KeyFile>(File.ReadAllBytes(path), Readable)!.Keys;
            return keys.All(key => key.Bytes.Length == 32)
                ? keys
                : throw new FormatException("a key is not 32 bytes long");
        }
        catch (Exception e) when (e is JsonException or FormatException or NullReferenceException)
        {
            throw new DataFolderException($"The key file {path} is damaged. Put it back from a backup.", e);
        }
    }

    private void Write(IReadOnlyList<SecretKey> keys)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(file, new KeyFile(keys), Readable);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        DirectorySync.Sync(Path.GetDirectoryName(path)!);
    }

    private sealed record KeyFile(IReadOnlyList<SecretKey> Keys);
}
