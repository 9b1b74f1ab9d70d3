using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Plugins;
using Alidade.Storage.Platform;

namespace Alidade.Server.Imports;

/// <summary>
/// The <c>requirements.txt</c> of a plugin. A list of packages without digests is no lock: it is meant for people, and no
/// environment could be made of it.
/// </summary>
internal static class PluginLock
{
    public const string Filename = "requirements.txt";
    private const int ShownLetters = 120;

    /// <summary>The first line that locks nothing; null when all do.</summary>
    public static string? Unlocked(string text) =>
        text.ReplaceLineEndings("\n")
            .Replace("\\\n", " ", StringComparison.Ordinal)
            .Split('\n', StringSplitOptions.TrimEntries)
            .Where(line => line.Length > 0 && line[0] != '#')
            .FirstOrDefault(line => !line.Contains("--hash=", StringComparison.Ordinal));

    public static string NotUsed(string plugin, string path, string line)
    {
        var shown = line.Length <= ShownLetters ? line : line[..ShownLetters] + " …";
        return $"{path} of plugin {plugin} is no lock and is not used: \"{shown}\" has no --hash. "
            + "Its jobs find what is installed on their workers; pip-compile --generate-hashes makes a lock.";
    }

    public static string Gone(string plugin) =>
        $"Plugin {plugin} had a lock, {Filename}, which the source has no longer: it is removed from the plugin.";

    /// <summary>Whether the plugin has a lock and its source has none: packages nobody asks for any more.</summary>
    public static bool IsStale(ISession s, Versioned plugin, IReadOnlyList<StoredFile> files) =>
        files.All(file => file.Input.Filename != Filename) && In(s, plugin) is not null;

    /// <param name="plugin">With its newest snapshot, made in this transaction.</param>
    public static void Drop(ITransaction t, Caller caller, Versioned plugin)
    {
        var file = In(t, plugin)!.FileId;
        PluginFiles.Remove(t, plugin.Snapshot, file);
        Resources.Delete(
            t,
            ResourceKind.PluginFile,
            caller,
            Resources.GetToChange(t, ResourceKind.PluginFile, caller, file, plugin.Id)
        );
    }

    private static FileRow? In(ISession s, Versioned plugin) =>
        PluginFiles.Of(s, [plugin.Snapshot])[plugin.Snapshot].FirstOrDefault(file => file.Filename == Filename);
}
