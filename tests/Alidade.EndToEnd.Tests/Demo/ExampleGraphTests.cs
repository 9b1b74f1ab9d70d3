using Alidade.Demo;
using Alidade.Engine.Graphs;
using Alidade.Engine.Plans;
using Alidade.Engine.Values;
using Alidade.Server.Imports.Config;

namespace Alidade.EndToEnd.Tests.Demo;

/// <summary>The example's entrypoints against the engine: no error, no warning.</summary>
public sealed class ExampleGraphTests
{
    private readonly ExampleFolder _folder = new("digits-robustness");

    [Fact]
    public void The_tasks_of_the_manifest_are_in_the_code()
    {
        var plugin = Manifest().Plugins.Single();

        Assert.All(
            plugin.Functions,
            task => Assert.Contains($"def {task.Name}(", _folder.Read($"{plugin.Path}/{task.Filename}"))
        );
        Assert.All(
            plugin.Artifacts,
            task => Assert.Contains($"class {task.Name}(", _folder.Read($"{plugin.Path}/{task.Filename}"))
        );
    }

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
        var manifest = Manifest();
        var entrypoint = manifest.Entrypoints.Single(one => one.Name == name);
        var (graph, issues) = EntrypointFile.Read(_folder.Read(entrypoint.Path), entrypoint.Path);
        Assert.Empty(issues);
        var plugin = manifest.Plugins.Single();
        var definition = new EntrypointDefinition(
            graph!.TaskGraph,
            graph.ArtifactGraph,
            [
                .. entrypoint.Parameters.Select(p => new EntrypointParameter(
                    p.Name,
                    Enum.Parse<ParameterType>(p.Type, ignoreCase: true),
                    p.Default
                )),
            ],
            [.. entrypoint.ArtifactParameters.Select(p => new ArtifactParameter(p.Name, Outputs(p.Outputs)))],
            [
                .. plugin.Functions.Select(task => new TaskSignature(
                    plugin.Name,
                    task.Filename,
                    task.Name,
                    [.. task.Inputs.Select(p => new TaskInput(p.Name, p.Type, p.Required))],
                    Outputs(task.Outputs)
                )),
            ],
            ArtifactTasks(),
            [.. manifest.Types.Select(type => new NamedType(type.Name, type.Structure?.GetRawText()))]
        );
        return new PlanRequest(
            new EntrypointIdentity(1, 1, name),
            definition,
            new Dictionary<string, string>(),
            new Dictionary<string, ArtifactInput>(artifacts)
        );
    }

    private ImportConfig Manifest() => ImportConfigReader.Read(_folder.Read("dioptra.toml"), "dioptra.toml");

    private IReadOnlyList<ArtifactTaskSignature> ArtifactTasks()
    {
        var plugin = Manifest().Plugins.Single();
        return
        [
            .. plugin.Artifacts.Select(task => new ArtifactTaskSignature(
                plugin.Name,
                task.Filename,
                task.Name,
                Outputs(task.Outputs)
            )),
        ];
    }

    private static IReadOnlyList<TaskOutput> Outputs(IReadOnlyList<ConfigOutput> outputs) =>
        [.. outputs.Select(output => new TaskOutput(output.Name, output.Type))];
}
