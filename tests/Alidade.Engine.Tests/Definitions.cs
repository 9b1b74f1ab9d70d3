using Alidade.Engine.Graphs;
using Alidade.Engine.Plans;
using Alidade.Engine.Values;

namespace Alidade.Engine.Tests;

/// <summary>Entrypoints to test with, written short.</summary>
internal static class Definitions
{
    /// <summary>A plugin with a loader, a trainer with two outputs, an attack and an evaluation.</summary>
    public static EntrypointDefinition Digits(string taskGraph, string artifactGraph = "") =>
        new(
            taskGraph,
            artifactGraph,
            [
                new("eps", ParameterType.Float, "0.1"),
                new("epochs", ParameterType.Integer, null),
                new("layers", ParameterType.List, "[64, 32]"),
                new("options", ParameterType.Mapping, null),
            ],
            [new("start", [new("estimator", "model")])],
            [
                new("digits", "data.py", "load", [], [new("data", "dataset")]),
                new(
                    "digits",
                    "models/training.py",
                    "train",
                    [
                        new("data", "dataset"),
                        new("epochs", "integer"),
                        new("layers", "sizes", false),
                        new("start", "model", false),
                    ],
                    [new("model", "model"), new("accuracy", "number")]
                ),
                new(
                    "digits",
                    "__init__.py",
                    "attack",
                    [new("model", "model"), new("eps", "number"), new("options", "any", false)],
                    []
                ),
            ],
            [new("digits", "artifacts.py", "ModelTask", [new("estimator", "model")])],
            [new("dataset", null), new("model", null), new("sizes", """{"list": "integer"}""")]
        );

    public static PlanRequest Request(EntrypointDefinition definition, params (string Name, string Text)[] values) =>
        new(
            new EntrypointIdentity(14, 16, "digits-train"),
            definition,
            values.ToDictionary(value => value.Name, value => value.Text),
            definition.ArtifactParameters.ToDictionary(
                parameter => parameter.Name,
                parameter => new ArtifactInput(parameter.Name, definition.ArtifactTasks[0])
            )
        );
}
