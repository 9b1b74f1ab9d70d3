namespace Alidade.Demo;

/// <summary>An entrypoint's YAML file, cut into the texts the server keeps apart. Comments and layout stay as written.</summary>
internal sealed record GraphFile(string TaskGraph, string ArtifactGraph)
{
    public static GraphFile Read(string yaml)
    {
        var lines = yaml.ReplaceLineEndings("\n").Split('\n');
        return new GraphFile(Section(lines, "graph:"), Section(lines, "artifacts:"));
    }

    /// <summary>The indented lines below a key at the margin, moved to the margin; empty when there is none.</summary>
    private static string Section(string[] lines, string key)
    {
        var body = lines
            .SkipWhile(line => line.TrimEnd() != key)
            .Skip(1)
            .TakeWhile(line => line.Length == 0 || line[0] is ' ' or '#')
            .ToList();
        var indent = body.Where(line => line.Trim().Length > 0)
            .Select(line => line.Length - line.TrimStart().Length)
            .DefaultIfEmpty()
            .Min();
        var text = string.Join('\n', body.Select(line => line.Length < indent ? "" : line[indent..])).Trim('\n');
        return text.Length == 0 ? "" : text + "\n";
    }
}
