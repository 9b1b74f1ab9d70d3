using Alidade.Demo;
using Alidade.Engine.Graphs;
using Alidade.Engine.Plans;
using Alidade.Engine.Values;

namespace Alidade.EndToEnd.Tests.Demo;

/// <summary>The example's entrypoints against the engine: no error, no warning.</summary>
public sealed class ExampleGraphTests
{
    private readonly ExampleFolder _folder = new("digits-robustness");

    [Fact]
    public void The_evaluation_compiles()
    {
        var result = PlanCompiler.Compile(Request("digits-evaluate", []));

        Assert.Empty(result.Issues);
        Assert.Equal(
            ["digits", "classifier", "gradients", "adversarial", "table", "gallery"],
            result.Plan!.Steps.Select(step => step.Name)
        );
    }

    [Fact]
    public void The_attack_on_a_trained_model_compiles()
    {
        var handler = ArtifactTasks().Single(task => task.Name == "ClassifierTask");

        var result = PlanCompiler.Compile(
            Request("digits-attack", [new("model", new ArtifactInput("model", handler))])
        );

        Assert.Empty(result.Issues);
        Assert.NotNull(result.Plan);
    }

    private PlanRequest Request(string name, IEnumerable<KeyValuePair<string, ArtifactInput>> artifacts)
    {
        var manifest = Manifest.Read(_folder.Read("dioptra.toml"));
        var entrypoint = manifest.Entrypoints.Single(one => one.Name == name);
        var graph = GraphFile.Read(_folder.Read(entrypoint.Path));
        var plugin = manifest.Plugins.Single();
        var definition = new EntrypointDefinition(
            graph.TaskGraph,
            graph.ArtifactGraph,
            [
                .. entrypoint.Params!.Select(p => new EntrypointParameter(
                    p.Name,
                    Enum.Parse<ParameterType>(p.Type, ignoreCase: true),
                    p.DefaultValue
                )),
            ],
            [.. (entrypoint.ArtifactParams ?? []).Select(p => new ArtifactParameter(p.Name, Outputs(p.OutputParams)))],
            [
                .. plugin.Tasks.Functions.Select(task => new TaskSignature(
                    plugin.Name,
                    task.Filename,
                    task.Name,
                    [.. task.InputParams.Select(p => new TaskInput(p.Name, p.Type, p.Required))],
                    Outputs(task.OutputParams)
                )),
            ],
            ArtifactTasks(),
            [.. manifest.PluginParamTypes.Select(type => new NamedType(type.Name, type.Structure?.ToJsonString()))]
        );
        return new PlanRequest(
            new EntrypointIdentity(1, 1, name),
            definition,
            new Dictionary<string, string>(),
            new Dictionary<string, ArtifactInput>(artifacts)
        );
    }

    private IReadOnlyList<ArtifactTaskSignature> ArtifactTasks()
    {
        var plugin = Manifest.Read(_folder.Read("dioptra.toml")).Plugins.Single();
        return
        [
            .. plugin.Tasks.Artifacts.Select(task => new ArtifactTaskSignature(
                plugin.Name,
                task.Filename,
                task.Name,
                Outputs(task.OutputParams)
            )),
        ];
    }

    private static IReadOnlyList<TaskOutput> Outputs(IReadOnlyList<ManifestOutput> outputs) =>
        [.. outputs.Select(output => new TaskOutput(output.Name, output.Type))];
}
