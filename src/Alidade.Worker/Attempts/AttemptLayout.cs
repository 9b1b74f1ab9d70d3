using System.Security.Cryptography;
using System.Text;
using Alidade.Engine.Protocol;
using Alidade.Worker.Blobs;
using Alidade.Worker.Processes;
using Alidade.Worker.Relay;
using Alidade.Worker.Sessions;

namespace Alidade.Worker.Attempts;

/// <summary>A grant cannot be run here; the message tells the job's owner why.</summary>
internal sealed class GrantRefusedException(string message) : Exception(message);

/// <summary>Lays out the folder of a granted attempt.</summary>
internal sealed class AttemptLayout(
    WorkerOptions options,
    ShownFolders shown,
    IReadOnlyList<string> levels,
    BlobCache blobs,
    SpareFolders spare,
    SecretPlace secrets,
    SelfFence fence
)
{
    private const double GraceSeconds = 10;
    private const long LeastDisk = 1L << 30;

    /// <summary>Writes who the attempt is, first of all: an agent that starts later can then give it back.</summary>
    public Isolation Introduce(Grant grant, Attempt attempt)
    {
        var isolation = new Isolation(levels[0], options.Network ?? grant.Network);
        attempt.Folder.Create(spare);
        attempt.Folder.Write(
            new AttemptFile(
                1,
                grant.Attempt,
                grant.Job,
                grant.Number,
                grant.Fence,
                grant.Run,
                grant.Seed,
                isolation.Level,
                grant.TimeoutSeconds,
                GraceSeconds,
                isolation.Network,
                Math.Max(1, Environment.ProcessorCount / options.Slots),
                new AttemptLimits(Disk: DiskShare()),
                new Dictionary<string, string>(),
                DataOf(grant),
                new RelayFile(RelayListener.SocketIn(options.DataFolder), attempt.RelaySecret),
                grant.LostAfterSeconds,
                grant.Secrets is { Count: > 0 } names ? new SecretsFile(secrets.FolderOf(grant.Attempt), names) : null,
                Silence: options.SharesFate ? null : fence.For(grant.LostAfterSeconds)
            )
        );
        return isolation;
    }

    /// <exception cref="GrantRefusedException">What was granted cannot be run here.</exception>
    public async Task FillAsync(Grant grant, AttemptFolder folder, CancellationToken cancellation)
    {
        CheckLevel(grant);
        CheckData(grant);
        CheckPlan(grant);
        CheckFiles("plugin file", grant.Plugins);
        CheckFiles("artifact input", grant.Inputs);
        folder.WritePlan(grant.Plan);
        KeepOnly(grant.Plugins, folder.In("plugins"));
        await CopyAsync(grant.Plugins, folder.In("plugins"), cancellation);
        await CopyAsync(grant.Inputs, folder.In("inputs"), cancellation);
        await secrets.FillAsync(grant, cancellation);
    }

    private Dictionary<string, string> DataOf(Grant grant)
    {
        var all = shown.All;
        return (grant.DataFolders ?? []).Where(all.ContainsKey).ToDictionary(name => name, name => all[name]);
    }

    private void CheckData(Grant grant)
    {
        var all = shown.All;
        var missing = (grant.DataFolders ?? []).Where(name => !all.ContainsKey(name)).ToList();
        if (missing.Count > 0)
        {
            var has = all.Count == 0 ? "none" : string.Join(", ", all.Keys.Order());
            throw new GrantRefusedException(
                $"The job asks for the data folder {string.Join(", ", missing)}, and this worker has {has}; "
                    + $"start it with --data-folder {missing[0]}=PATH, or submit to a queue whose workers have it."
            );
        }
    }

    /// <summary>An even share of what is free now, so that no job takes the room of the others; never uselessly little.</summary>
    private long DiskShare() =>
        Math.Max(LeastDisk, new DriveInfo(options.DataFolder).AvailableFreeSpace / options.Slots);

    private void CheckLevel(Grant grant)
    {
        if (!options.AllowUnsandboxed && !IsolationLevels.IsAtLeast(levels[0], grant.Isolation))
        {
            throw new GrantRefusedException(
                $"The job asks for isolation {grant.Isolation}, and this worker has {levels[0]} at best; "
                    + "start it with --allow-unsandboxed to run the job without a sandbox."
            );
        }
    }

    private static void CheckPlan(Grant grant)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(grant.Plan)));
        if (!string.Equals(digest, grant.PlanDigest, StringComparison.OrdinalIgnoreCase))
        {
            throw new GrantRefusedException($"The plan's digest is {digest}, not {grant.PlanDigest} as granted.");
        }
    }

    private static void CheckFiles(string what, IReadOnlyList<GrantFile> files)
    {
        foreach (var file in files)
        {
            if (RelativePath.Problem(file.Path) is { } problem)
            {
                throw new GrantRefusedException($"The path of the {what} '{file.Path}' {problem}.");
            }

            if (file.Sha256.Length != 64 || !file.Sha256.All(char.IsAsciiHexDigitLower))
            {
                throw new GrantRefusedException($"The {what} '{file.Path}' has no SHA-256: '{file.Sha256}'.");
            }
        }
    }

    /// <summary>Deletes what the folder's last attempt had and this one has not; what both have is written over.</summary>
    private static void KeepOnly(IReadOnlyList<GrantFile> files, string folder)
    {
        var wanted = files.Select(file => Path.Combine(folder, file.Path)).ToHashSet(StringComparer.Ordinal);
        var found = new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories);
        if (!found.All(entry => entry is FileInfo ? wanted.Contains(entry.FullName) : IsNeeded(entry.FullName)))
        {
            Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
        }

        bool IsNeeded(string parent) =>
            wanted.Any(path => path.StartsWith(parent + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }

    private async Task CopyAsync(IReadOnlyList<GrantFile> files, string folder, CancellationToken cancellation)
    {
        foreach (var file in files)
        {
            var target = Path.Combine(folder, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await blobs.CopyAsync(file.Sha256, file.Size, target, cancellation);
        }
    }
}
