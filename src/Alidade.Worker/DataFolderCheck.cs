using Alidade.Engine.Protocol;

namespace Alidade.Worker;

/// <summary>Whether a folder of this machine may be shown to jobs.</summary>
internal static class DataFolderCheck
{
    /// <param name="own">The worker's own folder: it holds tokens, and what other jobs are made of.</param>
    /// <returns>What is wrong, as the end of a message; null when nothing is.</returns>
    public static string? Problem(string name, string path, string own)
    {
        if (!NeedName.IsValid(name))
        {
            return $"'{name}' is no name of a data folder: it must {NeedName.Rule}. Write NAME=PATH.";
        }

        if (!Path.IsPathRooted(path) || !Directory.Exists(path))
        {
            return $"'{path}' is no absolute path of a folder that is here.";
        }

        var (real, ours) = (Real(path), Real(own));
        return real == "/" || IsWithin(real, ours) || IsWithin(ours, real)
            ? $"'{path}' holds the worker's own folder {own}, or lies in it; jobs must not see that. Name another."
            : null;
    }

    /// <summary>Whether a folder really is, or lies in, another, whatever links lead there.</summary>
    public static bool LiesIn(string path, string folder) => IsWithin(Real(path), Real(folder));

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>The path without links, as far as it exists.</summary>
    private static string Real(string path)
    {
        var real = "/";
        foreach (var part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            var target = Directory.Exists(next) ? Directory.ResolveLinkTarget(next, returnFinalTarget: true) : null;
            real = target?.FullName ?? next;
        }

        return real;
    }
}
