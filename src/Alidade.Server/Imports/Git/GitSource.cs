using Alidade.Server.Configuration;
using Alidade.Server.Imports.Sources;

namespace Alidade.Server.Imports.Git;

/// <summary>A git repository: the newest commit of one branch, without its history, of some folders or all.</summary>
internal sealed class GitSource(ImportOptions options, OwnHosts hosts, TimeProvider time)
{
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(250);

    /// <returns>The commit.</returns>
    public async Task<(string Commit, GitUrl Url)> ReadAsync(
        SourceTree tree,
        string address,
        CancellationToken cancellation
    )
    {
        var url = GitUrl.Parse(address, options);
        var found =
            options.AllowedHosts.Count == 0 && url.Host.Length > 0
                ? await hosts.RefuseAsync(url.Host, cancellation)
                : null;
        var pin = found is null ? HostPin.None(url) : HostPin.To(url, found);
        var checkout = Path.Combine(tree.Folder, "checkout");
        using var limit = new CancellationTokenSource(ImportLimits.Git, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var watch = WatchSizeAsync(tree.Folder, stop, ended.Token);
        try
        {
            var git = new GitProcess(tree.Folder, url.Protocols, pin);
            var commit = await CloneAsync(git, url, pin.Address, checkout, stop.Token);
            Take(tree, checkout);
            return (commit, url);
        }
        catch (GitFailedException e)
        {
            var unknown = found is { Count: 0 } ? $" This server knows no address of {url.Host}." : "";
            throw ImportFailure.Git($"git could not fetch {url.Shown}: {Hidden(url, e.Message)}{unknown}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw ImportFailure.Git(
                limit.IsCancellationRequested
                    ? $"{url.Shown} did not come within {ImportLimits.Git.TotalSeconds:0} seconds."
                    : $"{url.Shown} is larger than {ImportLimits.Expanded >> 20} MiB. Name the folders: URL;folder,folder."
            );
        }
        finally
        {
            await ended.CancelAsync();
            await watch;
        }
    }

    private static async Task<string> CloneAsync(
        GitProcess git,
        GitUrl url,
        string address,
        string checkout,
        CancellationToken cancellation
    )
    {
        string[] branch = url.Branch is null ? [] : [$"--branch={url.Branch}"];
        await git.RunAsync(
            [
                "clone",
                "--quiet",
                "--depth=1",
                "--filter=blob:none",
                "--no-checkout",
                "--single-branch",
                "--no-tags",
                "--no-recurse-submodules",
                "--template=",
                .. branch,
                "--",
                address,
                checkout,
            ],
            cancellation
        );
        if (url.Folders.Count > 0)
        {
            await git.RunAsync(
                ["-C", checkout, "sparse-checkout", "set", "--cone", "--", .. url.Folders],
                cancellation
            );
        }

        await git.RunAsync(["-C", checkout, "checkout", "--quiet", "--no-recurse-submodules"], cancellation);
        return await git.RunAsync(["-C", checkout, "rev-parse", "HEAD"], cancellation);
    }

    /// <summary>Names the files that came; links were not made, and folders are not followed out.</summary>
    private static void Take(SourceTree tree, string checkout)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        foreach (var file in new DirectoryInfo(checkout).EnumerateFiles("*", options))
        {
            var path = Path.GetRelativePath(checkout, file.FullName).Replace('\\', '/');
            if (!path.StartsWith(".git/", StringComparison.Ordinal))
            {
                tree.Add(path, file.FullName, file.Length);
            }
        }
    }

    private async Task WatchSizeAsync(string folder, CancellationTokenSource stop, CancellationToken ended)
    {
        try
        {
            while (Size(folder) <= ImportLimits.Expanded)
            {
                await Task.Delay(Watch, time, ended);
            }

            await stop.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // It ended before it grew too large.
        }
    }

    private static long Size(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            // Git moves its files while they are counted; the next look sees them.
            return 0;
        }
    }

    private static string Hidden(GitUrl url, string text) =>
        url.Secret is null ? text : text.Replace(url.Secret, "***", StringComparison.Ordinal);
}
