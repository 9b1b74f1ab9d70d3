using Alidade.Engine.Protocol;

namespace Alidade.Server.Jobs;

/// <summary>
/// Where plugins lie below <c>plugins/</c>. The entrypoint's own are under their names; an artifact that was stored with
/// another version of one brings its own under a name beside it, so that it is loaded by the code it was pinned with.
/// </summary>
internal sealed class PluginFolders
{
    private readonly List<GrantFile> _files;
    private readonly Dictionary<string, HashSet<(string Path, string Sha256)>> _folders;

    public PluginFolders(IReadOnlyList<GrantFile> own)
    {
        _files = [.. own];
        _folders = own.GroupBy(f => f.Path.Split('/')[0])
            .ToDictionary(g => g.Key, g => g.Select(f => (f.Path[(g.Key.Length + 1)..], f.Sha256)).ToHashSet());
    }

    public IReadOnlyList<GrantFile> Files => _files;

    /// <param name="files">By their paths within the plugin.</param>
    /// <returns>The folder that holds exactly these files.</returns>
    public string Place(string plugin, long snapshot, IReadOnlyList<GrantFile> files)
    {
        var wanted = files.Select(f => (f.Path, f.Sha256)).ToHashSet();
        for (var folder = plugin; ; folder = folder == plugin ? $"{plugin}__{snapshot}" : folder + "_")
        {
            if (!_folders.TryGetValue(folder, out var there))
            {
                _folders[folder] = wanted;
                _files.AddRange(files.Select(f => f with { Path = $"{folder}/{f.Path}" }));
                return folder;
            }

            if (there.SetEquals(wanted))
            {
                return folder;
            }
        }
    }
}
