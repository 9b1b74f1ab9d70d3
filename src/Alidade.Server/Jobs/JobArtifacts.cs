using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Engine.Graphs;
using Alidade.Engine.Protocol;
using Alidade.Server.Artifacts;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Plugins;
using Alidade.Storage.Runs;
using ArtifactInput = Alidade.Engine.Plans.ArtifactInput;

namespace Alidade.Server.Jobs;

/// <summary>The artifacts a job is given, checked against what its entrypoint declares.</summary>
/// <param name="Files">To be laid out below <c>inputs/</c>.</param>
/// <param name="Plugins">To be laid out below <c>plugins/</c>: the entrypoint's own files, and those of the tasks that load the artifacts.</param>
internal sealed record JobArtifacts(
    IReadOnlyDictionary<string, ArtifactPin> Pins,
    IReadOnlyDictionary<string, ArtifactInput> Inputs,
    IReadOnlyList<GrantFile> Files,
    IReadOnlyList<GrantFile> Plugins
)
{
    public static JobArtifacts Check(ISession s, Caller caller, JobParts parts, JsonElement? input)
    {
        var pins = Pinned(input);
        var declared = parts.Definition.ArtifactParameters.ToDictionary(p => p.Name);
        var unknown = pins.Keys.Except(declared.Keys).ToList();
        if (unknown.Count > 0)
        {
            throw new RefusedException(
                "JobInvalidParameterNameError",
                $"The entrypoint has no artifact parameters {string.Join(", ", unknown)}."
            );
        }

        var found = pins.ToDictionary(p => p.Key, p => Found.Load(s, caller, declared[p.Key], p.Value));
        var missing = declared.Keys.Except(pins.Keys).ToList();
        if (missing.Count > 0)
        {
            throw new RefusedException(
                "JobArtifactParameterMissingError",
                $"The artifact parameters {string.Join(", ", missing)} have no artifact. Give each one."
            );
        }

        var folders = new PluginFolders(parts.Plugins);
        return new JobArtifacts(
            pins,
            found.ToDictionary(f => f.Key, f => f.Value.Input(s, f.Key, folders)),
            [.. found.SelectMany(f => f.Value.Files(f.Key))],
            folders.Files
        );
    }

    private static Dictionary<string, ArtifactPin> Pinned(JsonElement? input)
    {
        var pins = new Dictionary<string, ArtifactPin>(StringComparer.Ordinal);
        if (input is not { } json || json.ValueKind == JsonValueKind.Null)
        {
            return pins;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidInputException("artifactValues", "Not a valid mapping type.");
        }

        foreach (var member in json.EnumerateObject())
        {
            pins[member.Name] = new ArtifactPin(Id(member, "id"), Id(member, "snapshotId"));
        }

        return pins;
    }

    private static long Id(JsonProperty artifact, string name)
    {
        if (
            artifact.Value.ValueKind == JsonValueKind.Object
            && artifact.Value.TryGetProperty(name, out var id)
            && id.ValueKind == JsonValueKind.Number
            && id.TryGetInt64(out var number)
        )
        {
            return number;
        }

        var errors = new JsonObject { [name] = new JsonArray("Not a valid integer.") };
        var entry = new JsonObject { ["value"] = errors };
        throw new InvalidInputException(
            new JsonObject { ["artifactValues"] = new JsonObject { [artifact.Name] = entry } }
        );
    }

    /// <summary>An artifact at the pinned snapshot, with the task that loads it.</summary>
    private sealed record Found(
        ArtifactPayload Artifact,
        IReadOnlyList<ArtifactFile> Contents,
        TaskPin Pin,
        string Plugin,
        string File,
        string Task,
        IReadOnlyList<TaskOutput> Outputs
    )
    {
        public static Found Load(ISession s, Caller caller, ArtifactParameter parameter, ArtifactPin pin)
        {
            var row = Resources.GetSnapshot(s, ArtifactKind.Kind, caller, pin.Id, pin.SnapshotId);
            var payload = row.Read<ArtifactPayload>();
            if (payload.Task is not { } task)
            {
                throw new RefusedException(
                    "ArtifactParameterTypeMismatchError",
                    $"Artifact {pin.Id} has no task that could load it for '{parameter.Name}'. Give it one: PUT /artifacts/{pin.Id}."
                );
            }

            var outputs = PluginTasks
                .Load(s, [task.FileSnapshot])[task.FileSnapshot]
                .Artifacts.Single(t => t.Id == task.Task);
            var types = outputs.OutputParams.Select(o => o.ParameterType.Name);
            if (!types.SequenceEqual(parameter.Outputs.Select(o => o.Type)))
            {
                throw new RefusedException(
                    "ArtifactParameterTypeMismatchError",
                    $"Artifact {pin.Id} gives ({string.Join(", ", types)}) and '{parameter.Name}' needs "
                        + $"({string.Join(", ", parameter.Outputs.Select(o => o.Type))})."
                );
            }

            return new Found(
                payload,
                ArtifactFiles.Of(s, pin.Id, payload),
                task,
                s.Scalar<string>("SELECT name FROM snapshot WHERE id = @PluginSnapshot", new { task.PluginSnapshot }),
                s.Scalar<string>("SELECT name FROM snapshot WHERE id = @FileSnapshot", new { task.FileSnapshot }),
                outputs.Name,
                [.. outputs.OutputParams.Select(o => new TaskOutput(o.Name, o.ParameterType.Name))]
            );
        }

        public ArtifactInput Input(ISession s, string parameter, PluginFolders folders)
        {
            var files = PluginFiles.Of(s, [Pin.PluginSnapshot])[Pin.PluginSnapshot];
            var folder = folders.Place(
                Plugin,
                Pin.PluginSnapshot,
                [.. files.Select(f => new GrantFile(f.Filename, f.Blob.Sha256, f.Blob.Size))]
            );
            return new(parameter, new ArtifactTaskSignature(folder, File, Task, Outputs));
        }

        public IEnumerable<GrantFile> Files(string parameter)
        {
            var at = $"{parameter}/{Path.GetFileName(Artifact.Path)}";
            return Contents.Select(f => new GrantFile(Artifact.IsDir ? $"{at}/{f.Path}" : at, f.Sha256, f.Size));
        }
    }
}
