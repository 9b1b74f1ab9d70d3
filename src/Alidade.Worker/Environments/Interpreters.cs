namespace Alidade.Worker.Environments;

/// <summary>Finds the interpreters of a worker's machine by their version. What a job names is never a path.</summary>
/// <param name="own">The worker's own.</param>
/// <param name="version">Its version, in full.</param>
internal sealed class Interpreters(string own, string version)
{
    public string Own => own;

    public string OwnVersion => version;

    /// <param name="wanted">Such as <c>3.12</c>; null for the worker's own.</param>
    /// <exception cref="EnvironmentException">There is none.</exception>
    public string Find(string? wanted)
    {
        if (wanted is null || version.StartsWith(wanted + ".", StringComparison.Ordinal))
        {
            return own;
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Append("/usr/local/bin")
            .Append("/usr/bin");
        return folders
                .Where(Path.IsPathRooted)
                .Select(folder => Path.Combine(folder, "python" + wanted))
                .FirstOrDefault(File.Exists)
            ?? throw new EnvironmentException(
                $"Its plugins ask for Python {wanted}, and this worker has no python{wanted} on its path; its own is {version}."
            );
    }
}
