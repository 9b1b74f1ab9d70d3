using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Alidade.Engine.Protocol;
using Alidade.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Attempts;

/// <summary>
/// Where an attempt's secrets lie between the server and the job: files that only this user may read, in memory where
/// the machine offers that.
/// </summary>
internal sealed class SecretPlace(string root, ReliableServer server)
{
    private const string Memory = "/dev/shm";
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileModeOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// The place of this worker. Its name in the shared memory folder is drawn at random and kept in the worker's own folder:
    /// nobody else can have made it before.
    /// </summary>
    /// <param name="data">The worker's own folder.</param>
    public static string RootOf(string data, ILogger log)
    {
        if (!IsMemory(Memory))
        {
            log.SecretsOnDisk(data);
            return Path.Combine(data, "secrets");
        }

        var note = Path.Combine(data, "secrets-place");
        if (!File.Exists(note))
        {
            var drawn = Path.Combine(Memory, $"alidade-{RandomNumberGenerator.GetHexString(32, lowercase: true)}");
            File.WriteAllText(note + ".new", drawn);
            File.Move(note + ".new", note, overwrite: true);
        }

        return File.ReadAllText(note).Trim();
    }

    public string FolderOf(long attempt) => Path.Combine(root, attempt.ToString(CultureInfo.InvariantCulture));

    /// <summary>Fetches what the grant names; the server refuses what is not granted any more.</summary>
    public async Task FillAsync(Grant grant, CancellationToken cancellation)
    {
        if (grant.Secrets is not { Count: > 0 })
        {
            return;
        }

        var reply = await server.SendAsync(
            (calls, session, token) => calls.SecretsAsync(session, grant.Attempt, grant.Fence, token),
            cancellation
        );
        var folder = FolderOf(grant.Attempt);
        Delete(grant.Attempt);
        Directory.CreateDirectory(root, FolderMode);
        Directory.CreateDirectory(folder, FolderMode);
        foreach (var (name, value) in reply.Values.Where(pair => NeedName.IsValid(pair.Key)))
        {
            Write(Path.Combine(folder, name), value);
        }
    }

    /// <summary>The job has ended, or never began; where it had a root of its own they are gone already.</summary>
    public void Delete(long attempt)
    {
        if (Directory.Exists(FolderOf(attempt)))
        {
            Directory.Delete(FolderOf(attempt), recursive: true);
        }
    }

    /// <summary>Deletes what attempts left that this worker does not have any more.</summary>
    public void Trim(IEnumerable<long> held)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        var kept = held.Select(FolderOf).ToHashSet();
        foreach (var folder in Directory.EnumerateDirectories(root).Where(folder => !kept.Contains(folder)))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IsMemory(string folder) =>
        Directory.Exists(folder) && new DriveInfo(folder).DriveFormat is "tmpfs" or "ramfs";

    private static void Write(string path, string value)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = FileModeOwner,
        };
        using var file = new FileStream(path, options);
        file.Write(Encoding.UTF8.GetBytes(value));
    }
}
