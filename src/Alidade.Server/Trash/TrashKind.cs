using Alidade.Server.Artifacts;
using Alidade.Server.Models;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Trash;

/// <summary>A kind of resource that can be brought back.</summary>
public sealed record TrashKind(string Word, ResourceKind Resource)
{
    public static readonly TrashKind Experiment = new("experiment", ResourceKind.Experiment);
    public static readonly TrashKind Model = new("model", ResourceKind.Model);
    public static readonly TrashKind ModelVersion = new("model version", ModelVersions.Kind);
    public static readonly TrashKind Artifact = new("artifact", ArtifactKind.Kind);

    public static readonly IReadOnlyList<TrashKind> All = [Experiment, Model, ModelVersion, Artifact];

    /// <summary>As addresses below <c>/trash</c> name it.</summary>
    internal string Address => this == ModelVersion ? "modelVersions" : Word + "s";

    /// <summary>The part of an address for what a list calls a kind.</summary>
    internal static string Collection(string kind) => kind == "modelVersion" ? "modelVersions" : kind + "s";
}
