using System.Text.RegularExpressions;

namespace Alidade.Conformance.Tests;

/// <summary>
/// Which numbers on the wire identify something, and in which name space: resources, snapshots, users, groups, tags,
/// drafts and tasks count for themselves.
/// </summary>
public static partial class IdKinds
{
    private static readonly Dictionary<string, string> Segments = new()
    {
        ["users"] = "user",
        ["groups"] = "group",
        ["tags"] = "tag",
        ["snapshots"] = "snapshot",
        ["drafts"] = "draft",
        ["draftCommit"] = "draft",
        ["tasks"] = "task",
    };

    private static readonly Dictionary<string, string> Owners = new()
    {
        ["user"] = "user",
        ["creator"] = "user",
        ["group"] = "group",
        ["tags"] = "tag",
        ["task"] = "task",
    };

    private static readonly Dictionary<string, string> Keys = new()
    {
        ["snapshot"] = "snapshot",
        ["resourceSnapshot"] = "snapshot",
        ["pluginSnapshots"] = "snapshot",
        ["group"] = "group",
        ["user"] = "user",
    };

    private static readonly HashSet<string> References =
    [
        "parameterType",
        "plugins",
        "artifactPlugins",
        "queues",
        "entrypoints",
        "queue",
        "entrypoint",
        "experiment",
        "job",
        "artifact",
        "plugin",
        "resource",
    ];

    /// <summary>What a plain <c>id</c> in the answer of this path names.</summary>
    public static string OfAnswer(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries)[2..];
        return parts.Contains("draftCommit") ? "resource"
            : parts.Contains("drafts") || parts is [.., "draft"] ? "draft"
            : parts.Contains("tags") && !parts.Contains("resources") ? "tag"
            : parts.FirstOrDefault() switch
            {
                "users" => "user",
                "groups" => "group",
                _ => "resource",
            };
    }

    /// <summary>What the number behind this segment of an address names.</summary>
    public static string OfSegment(string segment) => Segments.GetValueOrDefault(segment, "resource");

    /// <summary>The name space of the number under these keys, or null when it is no id.</summary>
    /// <param name="root">What a plain <c>id</c> names.</param>
    /// <param name="keys">The names of members from the root down; places in lists are left out.</param>
    public static string? Of(string root, IEnumerable<string> keys)
    {
        var path = keys.Where(k => k != "data").ToList();
        if (path.Count == 0)
        {
            return null;
        }

        var last = path[^1];
        return last is "id" or "ids" ? OfId(root, path)
            : Keys.TryGetValue(last, out var kind) ? kind
            : last == "snapshotId" || SnapshotId().IsMatch(last) ? "snapshot"
            : NamedId().Match(last) is { Success: true } named
                ? named.Groups[1].Value is "group" or "user" or "task" or "draft" or "tag" ? named.Groups[1].Value
                    : "resource"
            : References.Contains(last) ? "resource"
            : null;
    }

    private static string OfId(string root, List<string> path) =>
        path.Count == 1 ? root
        : path[^2] is "functions" or "artifacts" && path.Contains("tasks") ? "task"
        : Owners.GetValueOrDefault(path[^2], "resource");

    [GeneratedRegex("[a-z_]snapshot_?id$", RegexOptions.IgnoreCase)]
    private static partial Regex SnapshotId();

    [GeneratedRegex("^(.*?)_?[Ii]d$")]
    private static partial Regex NamedId();
}
