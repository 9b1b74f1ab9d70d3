using Alidade.Server.Platform.Resources;
using Alidade.Storage.Platform;
using Alidade.Storage.Search;

namespace Alidade.Server.Artifacts;

/// <summary>Puts an artifact that came back where searches find it, by the types its task gives too.</summary>
internal static class ArtifactSearch
{
    public static void Index(ITransaction t, long id)
    {
        var artifact = Resources.OfIds(t, [id])[0];
        var content = ArtifactContent.Of(t, artifact.Name!, artifact.Description, artifact.Read<ArtifactPayload>());
        SearchText.Set(t, id, ArtifactKind.Kind.Name, Resources.Texts(content));
    }
}
