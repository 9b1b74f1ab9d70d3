namespace Alidade.Engine.Issues;

/// <summary>Where something was written.</summary>
/// <param name="Document">A name of <see cref="Documents"/>.</param>
/// <param name="Line">From 1; null when the document has no lines, such as a list of parameters.</param>
/// <param name="Column">From 1.</param>
public sealed record Place(string Document, int? Line = null, int? Column = null);

/// <summary>The parts of an entrypoint an issue can be about, by the names they have in the API.</summary>
public static class Documents
{
    public const string TaskGraph = "taskGraph";
    public const string ArtifactGraph = "artifactGraph";
    public const string Parameters = "parameters";
    public const string ArtifactParameters = "artifactParameters";
    public const string Plugins = "plugins";
    public const string Types = "types";

    /// <summary>The values of one job.</summary>
    public const string Values = "values";

    /// <summary>The artifacts given to one job.</summary>
    public const string ArtifactValues = "artifactValues";
}
