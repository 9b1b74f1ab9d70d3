using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Drafts;

/// <summary>Why a draft cannot be had, written or committed.</summary>
internal static class DraftErrors
{
    public static ApiException Missing(long id) => Missing("draft_resource_id", id);

    public static ApiException MissingFor(long resource) => Missing("resource_id", resource);

    public static RefusedException Exists(DraftRow draft) =>
        new(
            "DraftAlreadyExistsError",
            $"You have a draft of this {draft.Kind} with id {draft.ResourceId} already. Change or delete that one."
        );

    /// <summary>An edit of a resource, sent to the route for resources to come.</summary>
    public static RefusedException IsModification(DraftRow draft) =>
        new(
            "DraftModificationRequiredError",
            $"Draft {draft.Id} changes {draft.Kind} {draft.ResourceId}. Send it to the draft of that resource, with resourceSnapshot and resourceData."
        );

    public static RefusedException OlderBase(DraftRow draft, long provided) =>
        new(
            "InvalidDraftBaseResourceSnapshotError",
            $"The draft is based on snapshot {draft.BaseSnapshot} already; it cannot go back to {provided}.",
            new JsonObject
            {
                ["base_resource_snapshot_id"] = draft.BaseSnapshot,
                ["provided_resource_snapshot_id"] = provided,
            }
        );

    public static RefusedException ForeignBase(DraftRow draft, long provided) =>
        new(
            "DraftSnapshotIdInvalidError",
            $"{provided} is no snapshot of {draft.Kind} {draft.ResourceId}. Send the one the draft was last compared with."
        );

    public static RefusedException Stale(DraftRow draft, long current, IReadOnlyList<object> snapshots) =>
        new(
            "DraftResourceModificationsCommitError",
            $"The draft of {draft.Kind} {draft.ResourceId} could not be committed: it has been modified since. Merge, and send the draft again with resourceSnapshot {current}.",
            new JsonObject
            {
                ["reason"] = $"The {draft.Kind} has been modified since this draft was created.",
                ["draft"] = JsonNode.Parse(draft.Payload),
                ["base_snapshot_id"] = draft.BaseSnapshot,
                ["curr_snapshot_id"] = current,
                ["base_snapshot"] = Json(snapshots[0]),
                ["curr_snapshot"] = Json(snapshots[1]),
            }
        );

    private static ApiException Missing(string field, long id) =>
        new(
            StatusCodes.Status404NotFound,
            "DraftDoesNotExistError",
            $"The requested draft with {field} having value ({id}) does not exist."
        );

    private static JsonNode? Json(object view) =>
        JsonSerializer.SerializeToNode(view, view.GetType(), JsonSerializerOptions.Web);
}
