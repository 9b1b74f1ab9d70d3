using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Artifacts;

/// <summary>Artifacts are resources whose name is their address and whose parent is their job.</summary>
internal static class ArtifactKind
{
    /// <summary>Field of <c>search</c>: ids of the types that the task gives, in order.</summary>
    public const string OutputTypes = "output_types";

    public static readonly ResourceKind Kind = new("artifact", "artifacts", "artifact_id", NameField: "artifactUri");

    public static string SortColumn(string key) =>
        key switch
        {
            "uri" => "r.folded",
            "createdOn" or "lastModifiedOn" => "r.modified",
            "description" => ResourceKind.DescriptionKey,
            "job" => "r.parent_id",
            _ => throw new RefusedException(
                "SortParameterValidationError",
                $"The sort parameter, {key}, for artifact is not sortable. Sort by uri, createdOn, lastModifiedOn, description or job."
            ),
        };
}
