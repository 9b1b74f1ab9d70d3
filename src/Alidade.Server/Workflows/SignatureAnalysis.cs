using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Alidade.Engine.Python;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Workflows;

/// <summary>The tasks that a source file registers, with the types its annotations suggest.</summary>
internal static class SignatureAnalysis
{
    /// <exception cref="RefusedException">It is not Python; the detail says where.</exception>
    public static SignatureView Of(string source)
    {
        try
        {
            return new SignatureView([.. SignatureReader.Read(source).Select(SignatureTask.Of)]);
        }
        catch (PythonSyntaxException e)
        {
            throw new RefusedException(
                "InvalidPythonError",
                e.Message,
                new JsonObject
                {
                    ["line"] = e.Line,
                    ["column"] = e.Column,
                    ["text"] = e.Text,
                }
            );
        }
    }
}

public sealed record SourceInput([Length(0, 1 << 20)] string PythonCode);

public sealed record SignatureView(IReadOnlyList<SignatureTask> Tasks);

public sealed record SignatureTask(
    string Name,
    IReadOnlyList<SignatureInput> Inputs,
    IReadOnlyList<SignatureOutput> Outputs,
    [property: JsonPropertyName("missing_types")] IReadOnlyList<SignatureType> MissingTypes
)
{
    internal static SignatureTask Of(TaskDraft task) =>
        new(
            task.Name,
            [.. task.Inputs.Select(i => new SignatureInput(i.Name, i.Type, i.Required))],
            [.. task.Outputs.Select(o => new SignatureOutput(o.Name, o.Type))],
            [.. task.Missing.Select(t => new SignatureType(t.Name, t.Description))]
        );
}

public sealed record SignatureInput(string Name, string Type, bool Required);

public sealed record SignatureOutput(string Name, string Type);

/// <summary>A type to be created first.</summary>
/// <param name="Description">The annotation it came from.</param>
public sealed record SignatureType(string Name, string Description);
