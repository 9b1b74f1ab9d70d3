using System.Text;

namespace Alidade.Server.Imports.Sources;

/// <summary>
/// The files of a source by path. Their contents lie in a temporary folder under names of our own, or where git has put
/// them; disposing removes the folder whatever happened.
/// </summary>
internal sealed class SourceTree : IDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("alidade-import-");
    private readonly Dictionary<string, (string File, long Size)> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _sent = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Readable by this process's user alone.</summary>
    public string Folder => _folder.FullName;

    public IReadOnlyCollection<string> Paths => _files.Keys;

    /// <summary>Takes in a file's content; of what is too large to be read only that it is there.</summary>
    /// <exception cref="Platform.Errors.RefusedException">The path is unsafe or taken, or there are too many files.</exception>
    public async Task AddAsync(string path, Stream content, long size, CancellationToken cancellation)
    {
        var file = Path.Combine(Folder, $"{_files.Count}");
        var name = SourcePath.Of(path);
        Add(name, file, size);
        if (!_sent.Add(name) && _sent.TryGetValue(name, out var other))
        {
            // Unpacked by its sender, one may have been the other: nobody can say what was meant. A git repository can.
            throw ImportFailure.Because($"The files \"{other}\" and \"{name}\" differ only in case. Rename one.");
        }

        if (size <= ImportLimits.Text)
        {
            await using var copy = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            await content.CopyToAsync(copy, cancellation);
            if (copy.Length != size)
            {
                throw ImportFailure.Because($"The file \"{path}\" is not as long as the source says.");
            }
        }
    }

    /// <summary>Names a file that lies below <see cref="Folder"/> already.</summary>
    public void Add(string path, string file, long size)
    {
        if (path.Length == 0 || !_files.TryAdd(path, (file, size)))
        {
            throw ImportFailure.Because($"The source has the file \"{path}\" twice.");
        }

        if (_files.Count > ImportLimits.Files)
        {
            throw ImportFailure.TooManyFiles();
        }
    }

    /// <summary>Paths of the files below a folder, relative to it.</summary>
    public IEnumerable<string> Below(string folder)
    {
        var prefix = folder.Length == 0 ? "" : folder + "/";
        return _files
            .Keys.Where(path => path.StartsWith(prefix, StringComparison.Ordinal))
            .Select(path => path[prefix.Length..]);
    }

    /// <summary>A file as text.</summary>
    /// <exception cref="Platform.Errors.RefusedException">It is not there, too large or no UTF-8; the reason says so.</exception>
    public async Task<string> ReadAsync(string path, CancellationToken cancellation)
    {
        if (!_files.TryGetValue(path, out var found))
        {
            throw ImportFailure.Because($"The file \"{path}\" is not in the source.{Elsewhere(path)}");
        }

        if (found.Size > ImportLimits.Text)
        {
            throw ImportFailure.Because($"The file \"{path}\" is larger than {ImportLimits.Text >> 10} KiB.");
        }

        try
        {
            var text = StrictUtf8.GetString(await File.ReadAllBytesAsync(found.File, cancellation));
            return text.Contains('\0')
                ? throw ImportFailure.Because($"The file \"{path}\" is no text: it has NUL characters.")
                : text;
        }
        catch (DecoderFallbackException)
        {
            throw ImportFailure.Because($"The file \"{path}\" is not UTF-8 text.");
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Archives often have one folder around everything.</summary>
    private string Elsewhere(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var others = _files
            .Keys.Where(p => p.EndsWith("/" + name, StringComparison.Ordinal) || p == name)
            .Take(3)
            .ToList();
        return others.Count == 0 ? "" : $" There is: {string.Join(", ", others)}.";
    }
}
