using System.Collections.Concurrent;
using System.Text.Json;
using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;

namespace Alidade.Worker.Environments;

/// <summary>An environment cannot be made; the job's log says why.</summary>
internal sealed class EnvironmentException(string message) : Exception(message);

/// <summary>
/// The environments of this worker, each made once and kept by its digest until it has not been used for a month. The
/// agent owns them; jobs at L1 cannot change them.
/// </summary>
internal sealed class EnvironmentStore(WorkerOptions options, string root, Interpreters interpreters, TimeProvider time)
{
    private const string Ready = "ready";
    private static readonly TimeSpan KeptUnused = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _making = new();

    /// <summary>Deletes what was left half made, and what nobody has used for long.</summary>
    public void Trim()
    {
        Directory.CreateDirectory(root);
        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            var ready = new FileInfo(Path.Combine(folder, Ready));
            if (!ready.Exists || time.GetUtcNow() - ready.LastWriteTimeUtc > KeptUnused)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Makes the environment, or finds it made.</summary>
    /// <param name="say">Takes lines for the job's log.</param>
    /// <returns>Its interpreter.</returns>
    /// <exception cref="EnvironmentException">It cannot be made.</exception>
    public async Task<PreparedEnvironment> GetAsync(
        EnvironmentLock wanted,
        Action<string> say,
        CancellationToken cancellation
    )
    {
        var python = interpreters.Find(wanted.Python);
        if (wanted.Packages.Length == 0)
        {
            return new PreparedEnvironment(python == interpreters.Own ? null : python, null, wanted.Preloads);
        }

        var digest = wanted.Digest(
            python == interpreters.Own ? $"{python} {interpreters.OwnVersion}" : $"{python} {wanted.Python}"
        );
        var making = _making.GetOrAdd(digest, _ => new SemaphoreSlim(1));
        if (!making.Wait(0, CancellationToken.None))
        {
            say($"Waiting for environment {digest[..12]}, which is being made for another job");
            await making.WaitAsync(cancellation);
        }

        try
        {
            var folder = Path.Combine(root, digest);
            var made = await GetAsync(folder, python, wanted, say, cancellation);
            return new PreparedEnvironment(Path.Combine(folder, "bin", "python"), made, wanted.Preloads);
        }
        finally
        {
            making.Release();
        }
    }

    private async Task<MadeEnvironment> GetAsync(
        string folder,
        string python,
        EnvironmentLock wanted,
        Action<string> say,
        CancellationToken cancellation
    )
    {
        var ready = Path.Combine(folder, Ready);
        if (File.Exists(ready))
        {
            File.SetLastWriteTimeUtc(ready, time.GetUtcNow().UtcDateTime);
        }
        else
        {
            await MakeAsync(folder, python, wanted, say, cancellation);
        }

        var text = await File.ReadAllBytesAsync(ready, cancellation);
        return JsonSerializer.Deserialize(text, WorkerJson.Default.MadeEnvironment)
            ?? throw new EnvironmentException(
                $"Its environment in {folder} says nothing of itself; delete that folder."
            );
    }

    private async Task MakeAsync(
        string folder,
        string python,
        EnvironmentLock wanted,
        Action<string> say,
        CancellationToken cancellation
    )
    {
        Delete(folder);
        var lockFile = folder + ".txt";
        await File.WriteAllTextAsync(lockFile, wanted.Packages, cancellation);
        var isMade = false;
        try
        {
            isMade = await EnvironmentProcess.RunAsync(options, python, folder, lockFile, say, cancellation);
        }
        finally
        {
            File.Delete(lockFile);
            if (!isMade)
            {
                Delete(folder);
            }
        }

        if (!isMade)
        {
            throw new EnvironmentException(
                "Its environment could not be made from the requirements.txt of its plugins; the log says why."
            );
        }
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
