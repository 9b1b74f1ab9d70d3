using System.Buffers;
using System.Text;
using System.Text.Json;
using Alidade.Engine.Graphs;
using Alidade.Engine.Values;

namespace Alidade.Engine.Plans;

/// <summary>Writes <c>plan.json</c> as docs/reference/attempt-folder.md describes it, always to the same bytes.</summary>
internal sealed class PlanWriter
{
    private const int Version = 1;
    private readonly Utf8JsonWriter _json;
    private readonly PlanRequest _request;
    private readonly ModelIndex _index;

    private PlanWriter(Utf8JsonWriter json, PlanRequest request, ModelIndex index) =>
        (_json, _request, _index) = (json, request, index);

    public static string Write(
        PlanRequest request,
        ModelIndex index,
        IReadOnlyList<StepModel> steps,
        IReadOnlyList<KeyValuePair<string, Value>> values
    )
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, ValueJson.WriterOptions))
        {
            new PlanWriter(json, request, index).WritePlan(steps, values);
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void WritePlan(IReadOnlyList<StepModel> steps, IReadOnlyList<KeyValuePair<string, Value>> values)
    {
        _json.WriteStartObject();
        _json.WriteNumber("version", Version);
        WriteEntrypoint();
        _json.WriteStartObject("parameters");
        foreach (var (name, value) in values)
        {
            _json.WritePropertyName(name);
            ValueJson.Write(_json, value);
        }
        _json.WriteEndObject();
        WriteArray("inputs", _request.Definition.ArtifactParameters, WriteInput);
        WriteArray("steps", steps, WriteStep);
        WriteArray("outputs", _index.Model.ArtifactOutputs, WriteOutput);
        _json.WriteEndObject();
    }

    private void WriteEntrypoint()
    {
        _json.WriteStartObject("entrypoint");
        _json.WriteNumber("id", _request.Entrypoint.Id);
        _json.WriteNumber("snapshot", _request.Entrypoint.Snapshot);
        _json.WriteString("name", _request.Entrypoint.Name);
        _json.WriteEndObject();
    }

    private void WriteInput(ArtifactParameter parameter)
    {
        var input = _request.Artifacts[parameter.Name];
        _json.WriteString("name", parameter.Name);
        _json.WriteString("path", $"inputs/{input.Path}");
        WriteNames("outputs", parameter.Outputs.Select(output => output.Name));
        WriteArtifactTask(input.Task);
    }

    private void WriteStep(StepModel step)
    {
        var task = _index.TaskOf(step)!;
        var dot = task.Plugin.LastIndexOf('.');
        _json.WriteString("name", step.Name.Text);
        _json.WriteString("task", task.Name.Text);
        _json.WriteString("module", task.Plugin[..dot]);
        var isProgram = task == TaskModel.Command && step is { IsList: true, Args.Count: 1 };
        _json.WriteString("function", isProgram ? TaskModel.Program : task.Plugin[(dot + 1)..]);
        _json.WriteStartArray("args");
        foreach (var argument in step.Args)
        {
            WriteArgument(argument);
        }
        _json.WriteEndArray();
        _json.WriteStartObject("kwargs");
        foreach (var keyword in step.Kwargs)
        {
            _json.WritePropertyName(keyword.Name.Text);
            WriteArgument(keyword.Value);
        }
        _json.WriteEndObject();
        WriteNames("outputs", task.Outputs.Select(output => output.Name.Text));
        WriteNames("after", _index.Needs(step));
        if (step.Timeout is { } timeout)
        {
            _json.WriteNumber("timeout", timeout);
        }
    }

    private void WriteOutput(ArtifactOutputModel output)
    {
        _json.WriteString("name", output.Name.Text);
        _json.WritePropertyName("contents");
        WriteArgument(output.Contents);
        WriteArtifactTask(_request.Definition.ArtifactTasks.Last(task => task.Name == output.Task.Text));
        _json.WritePropertyName("args");
        ValueJson.Write(_json, output.Args?.ToValue() ?? new MapValue([]));
    }

    private void WriteArtifactTask(ArtifactTaskSignature task)
    {
        _json.WriteStartObject("task");
        _json.WriteString("module", ModulePath.Of(task.Plugin, task.File));
        _json.WriteString("name", task.Name);
        _json.WriteEndObject();
    }

    private void WriteArgument(Yaml.Node node) =>
        ValueJson.Write(_json, ReferenceText.Resolve(node, reference => new ReferenceValue(Target(reference))));

    private Reference Target(ReferenceText reference) =>
        _index.References.Resolve(reference).Target
        ?? throw new InvalidOperationException($"${reference.Written} was checked and cannot be resolved.");

    private void WriteNames(string member, IEnumerable<string> names)
    {
        _json.WriteStartArray(member);
        foreach (var name in names)
        {
            _json.WriteStringValue(name);
        }
        _json.WriteEndArray();
    }

    private void WriteArray<T>(string member, IEnumerable<T> items, Action<T> content)
    {
        _json.WriteStartArray(member);
        foreach (var item in items)
        {
            _json.WriteStartObject();
            content(item);
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
    }
}
