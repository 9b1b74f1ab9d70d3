namespace Alidade.Server.Pages.Shell;

/// <summary>Who looks, and what the frame around every page shows them.</summary>
/// <param name="Name">Null before sign-in.</param>
public sealed record Viewer(string? Name, string Group, long Experiments, long LiveJobs, bool Admin = false)
{
    public static readonly Viewer Nobody = new(null, "", 0, 0);

    public string Initials => Name is { Length: > 0 } name ? name[..Math.Min(2, name.Length)].ToUpperInvariant() : "";
}
