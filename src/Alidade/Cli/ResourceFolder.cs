namespace Alidade.Cli;

/// <summary>The files of a folder that an import may need: manifests, Python, YAML and locks, hidden and cache folders aside.</summary>
internal static class ResourceFolder
{
    private static readonly string[] Extensions = [".toml", ".py", ".yaml", ".yml"];
    private const string Lock = "requirements.txt";
    private static readonly string[] Skipped = ["__pycache__", "node_modules"];

    /// <returns>Contents by path relative to the folder, with <c>/</c>.</returns>
    /// <exception cref="CommandException">A file cannot be read.</exception>
    public static Dictionary<string, byte[]> Read(DirectoryInfo folder)
    {
        try
        {
            return Files(folder)
                .ToDictionary(
                    file => Path.GetRelativePath(folder.FullName, file.FullName).Replace('\\', '/'),
                    file => File.ReadAllBytes(file.FullName)
                );
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{folder} cannot be read: {problem.Message}");
        }
    }

    private static IEnumerable<FileInfo> Files(DirectoryInfo folder) =>
        folder
            .EnumerateFiles()
            .Where(file => file.Name == Lock || (Extensions.Contains(file.Extension) && file.Name[0] != '.'))
            .Concat(
                folder
                    .EnumerateDirectories()
                    .Where(inner => inner.Name[0] != '.' && inner.LinkTarget is null && !Skipped.Contains(inner.Name))
                    .SelectMany(Files)
            );
}
