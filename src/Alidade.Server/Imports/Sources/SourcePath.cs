namespace Alidade.Server.Imports.Sources;

/// <summary>Paths inside a source: parts between forward slashes, never out of it.</summary>
internal static class SourcePath
{
    private const int Longest = 1024;

    /// <summary>A path as the source itself names one of its files.</summary>
    /// <exception cref="Platform.Errors.RefusedException">It is unsafe; the reason names it.</exception>
    public static string Of(string path) =>
        path.Split('/').Contains("..") ? throw Unsafe(path, "it leads out of its folder") : In("", path);

    /// <summary>A path that a file in <paramref name="folder"/> names; it may lead to other folders of the source.</summary>
    public static string In(string folder, string path)
    {
        if (path.Length is 0 or > Longest)
        {
            throw Unsafe(path, $"it must have 1 to {Longest} characters");
        }

        if (path.Any(char.IsControl) || path.Contains('\\'))
        {
            throw Unsafe(path, "it has a backslash or a control character; write folders with /");
        }

        if (path[0] == '/' || (path.Length > 1 && path[1] == ':'))
        {
            throw Unsafe(path, "it must be relative");
        }

        var parts = new List<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in path.Split('/').Where(part => part is not ("" or ".")))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                throw Unsafe(path, "it leads out of the source");
            }
        }

        return string.Join('/', parts);
    }

    /// <summary>The folder a file is in; empty at the top.</summary>
    public static string Folder(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static Platform.Errors.RefusedException Unsafe(string path, string why)
    {
        var shown = new string([.. path.Take(100).Select(c => char.IsControl(c) ? '?' : c)]);
        return ImportFailure.Because($"The path \"{shown}\" is not safe: {why}.");
    }
}
