using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Artifacts;

/// <summary>A snapshot of an artifact, with the types its task gives made searchable.</summary>
internal static class ArtifactContent
{
    public static Content Of(ISession s, string uri, string? description, ArtifactPayload payload)
    {
        var types = payload.Task is { } pin
            ? s.Query<long>(
                "SELECT type_id FROM plugin_task_parameter WHERE task_id = @Task AND direction = 'output' ORDER BY position",
                new { pin.Task }
            )
            : [];
        return new Content(uri, description, payload, [(ArtifactKind.OutputTypes, string.Join(',', types))]);
    }
}
