using System.Security.Cryptography;
using System.Text;
using Alidade.Engine.Protocol;
using Alidade.Worker.Blobs;

namespace Alidade.Worker.Attempts;

/// <summary>A grant cannot be run here; the message tells the job's owner why.</summary>
internal sealed class GrantRefusedException(string message) : Exception(message);

/// <summary>Lays out the folder of a granted attempt.</summary>
internal sealed class AttemptLayout(WorkerOptions options, IReadOnlyList<string> levels, BlobCache blobs)
{
    private const double GraceSeconds = 10;

    /// <summary>Writes who the attempt is, first of all: an agent that starts later can then give it back.</summary>
    public void Introduce(Grant grant, AttemptFolder folder)
    {
        folder.Create();
        folder.Write(
            new AttemptFile(
                1,
                grant.Attempt,
                grant.Job,
                grant.Number,
                grant.Fence,
                grant.Run,
                grant.Seed,
                levels[0],
                grant.TimeoutSeconds,
                GraceSeconds,
                Network: false,
                Math.Max(1, Environment.ProcessorCount / options.Slots),
                new AttemptLimits(),
                new Dictionary<string, string>(),
                new Dictionary<string, string>()
            )
        );
    }

    /// <exception cref="GrantRefusedException">What was granted cannot be run here.</exception>
    public async Task FillAsync(Grant grant, AttemptFolder folder, CancellationToken cancellation)
    {
        CheckLevel(grant);
        CheckPlan(grant);
        CheckFiles("plugin file", grant.Plugins);
        CheckFiles("artifact input", grant.Inputs);
        folder.WritePlan(grant.Plan);
        await CopyAsync(grant.Plugins, folder.In("plugins"), cancellation);
        await CopyAsync(grant.Inputs, folder.In("inputs"), cancellation);
    }

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
