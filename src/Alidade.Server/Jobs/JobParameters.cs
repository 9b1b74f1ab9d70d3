using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Alidade.Engine.Values;
using Alidade.Server.Artifacts;
using Alidade.Server.Entrypoints;
using Alidade.Server.Metrics;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Plugins;
using Alidade.Storage.Platform;

namespace Alidade.Server.Jobs;

/// <summary>A job's values with their types, and where its artifact inputs come from.</summary>
public sealed class JobParameters(Stores stores)
{
    /// <summary>Values as JSON of their types: <c>{"eps": 0.1, "names": ["a"]}</c>.</summary>
    public Task<JsonObject> TypedAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                JobReader.Get(s, caller, id);
                var detail = JobReader.Detail(s, id);
                var texts = JsonSerializer.Deserialize<Dictionary<string, string?>>(detail.ParameterValues)!;
                var types = s.First<string>(
                    "SELECT payload FROM snapshot WHERE id = @EntrypointSnapshot",
                    new { detail.EntrypointSnapshot }
                )!;
                var typed = new JsonObject();
                foreach (var parameter in Parameters(types))
                {
                    typed[parameter.Name] = Typed(parameter, texts.GetValueOrDefault(parameter.Name));
                }

                return typed;
            },
            cancellation
        );

    public Task<IReadOnlyDictionary<string, ArtifactParameterValue>> ArtifactsAsync(
        Caller caller,
        long id,
        CancellationToken cancellation
    ) =>
        stores.Core.ReadAsync<IReadOnlyDictionary<string, ArtifactParameterValue>>(
            s =>
            {
                JobReader.Get(s, caller, id);
                var pins = JsonSerializer.Deserialize<Dictionary<string, ArtifactPin>>(
                    JobReader.Detail(s, id).ArtifactValues,
                    JsonSerializerOptions.Web
                )!;
                return pins.ToDictionary(p => p.Key, p => Value(s, caller, p.Value));
            },
            cancellation
        );

    private static IReadOnlyList<ParameterView> Parameters(string payload) =>
        JsonSerializer.Deserialize<EntrypointPayload>(payload, JsonSerializerOptions.Web)!.Parameters;

    private static JsonNode? Typed(ParameterView parameter, string? text)
    {
        if (text is null || !Engine.Values.ParameterTypes.TryParse(parameter.ParameterType, out var type))
        {
            return null;
        }

        return
            ParameterText.Parse(parameter.Name, type, text) is FloatValue { Number: var number }
            && !double.IsFinite(number)
            ? JsonValue.Create(PythonFloat.Text(number))
            : JsonNode.Parse(ValueJson.ToText(ParameterText.Parse(parameter.Name, type, text)));
    }

    private static ArtifactParameterValue Value(ISession s, Caller caller, ArtifactPin pin)
    {
        var row = Resources.GetSnapshot(s, ArtifactKind.Kind, caller, pin.Id, pin.SnapshotId);
        var payload = row.Read<ArtifactPayload>();
        var task = payload.Task is { } at ? Task(s, at) : null;
        return new ArtifactParameterValue(pin.Id, pin.SnapshotId, row.Name!, payload.IsDir, task);
    }

    private static ArtifactTaskValue Task(ISession s, TaskPin pin)
    {
        var task = PluginTasks.Load(s, [pin.FileSnapshot])[pin.FileSnapshot].Artifacts.Single(t => t.Id == pin.Task);
        return new ArtifactTaskValue(
            pin.Plugin,
            Name(s, pin.PluginSnapshot),
            pin.PluginSnapshot,
            Name(s, pin.FileSnapshot),
            task.Name,
            [.. task.OutputParams.Select(o => new NamedTypeValue(o.Name, o.ParameterType.Name))]
        );
    }

    private static string Name(ISession s, long snapshot) =>
        s.Scalar<string>("SELECT name FROM snapshot WHERE id = @snapshot", new { snapshot });
}

/// <summary>An artifact input; these members are in snake case on the wire.</summary>
public sealed record ArtifactParameterValue(
    [property: JsonPropertyName("artifact_id")] long ArtifactId,
    [property: JsonPropertyName("artifact_snapshot_id")] long ArtifactSnapshotId,
    [property: JsonPropertyName("artifact_uri")] string ArtifactUri,
    [property: JsonPropertyName("is_dir")] bool IsDir,
    [property: JsonPropertyName("artifact_task")] ArtifactTaskValue? ArtifactTask
);

public sealed record ArtifactTaskValue(
    [property: JsonPropertyName("plugin_id")] long PluginId,
    [property: JsonPropertyName("plugin_name")] string PluginName,
    [property: JsonPropertyName("plugin_snapshot_id")] long PluginSnapshotId,
    [property: JsonPropertyName("file_name")] string FileName,
    [property: JsonPropertyName("task_name")] string TaskName,
    IReadOnlyList<NamedTypeValue> Outputs
);

public sealed record NamedTypeValue(string Name, string Type);
