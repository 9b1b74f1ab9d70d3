using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Models;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Runs;

public sealed record DatasetMessage(
    [Required] string Name,
    [Required] string Digest,
    [Required] string SourceType,
    [Required] string Source,
    string? Schema,
    string? Profile
);

public sealed record DatasetInputMessage(IReadOnlyList<TagMessage> Tags, [Required] DatasetMessage Dataset);

public sealed record ModelInputMessage([Required] string ModelId);

public sealed record LogInputs(
    [Required] string RunId,
    IReadOnlyList<DatasetInputMessage> Datasets,
    IReadOnlyList<ModelInputMessage> Models
);

public sealed record ModelOutputMessage([Required] string ModelId, long Step = 0);

public sealed record LogOutputs([Required] string RunId, IReadOnlyList<ModelOutputMessage> Models);

public sealed record LogModel([Required] string RunId, [Required] string ModelJson);

public sealed record SearchDatasets(IReadOnlyList<string> ExperimentIds);

/// <summary>What runs read and made: datasets and models.</summary>
public sealed class InputFace(Stores stores)
{
    private const string Context = "mlflow.data.context";
    private const string ModelHistory = "mlflow.log-model.history";
    private const int MostDatasets = 1000;
    private const int MostExperiments = 20;

    public Task<IResult> LogInputsAsync(Caller caller, LogInputs request, CancellationToken cancellation)
    {
        if (request.Datasets.Count + request.Models.Count == 0)
        {
            throw MlflowException.Required("datasets");
        }

        Check(request.Datasets);
        return stores.Core.WriteAsync(
            t =>
            {
                var run = RunReader.GetActive(t, caller, request.RunId);
                foreach (var input in request.Datasets)
                {
                    var tags = input.Tags.GroupBy(g => g.Key).ToDictionary(g => g.Key, g => g.Last().Value ?? "");
                    var dataset = new DatasetRow
                    {
                        Experiment = run.Experiment,
                        Name = input.Dataset.Name,
                        Digest = input.Dataset.Digest,
                        SourceType = input.Dataset.SourceType,
                        Source = input.Dataset.Source,
                        Fields = input.Dataset.Schema,
                        Profile = input.Dataset.Profile,
                    };
                    RunInputs.Add(t, run.Id, dataset, tags.GetValueOrDefault(Context), tags);
                }

                foreach (var model in request.Models)
                {
                    LoggedModelFace.Get(t, caller, model.ModelId);
                    RunInputs.AddModel(t, run.Id, "input", model.ModelId, step: 0);
                }

                return MlflowJson.Empty();
            },
            cancellation: cancellation
        );
    }

    public Task<IResult> LogOutputsAsync(Caller caller, LogOutputs request, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var run = RunReader.GetActive(t, caller, request.RunId);
                foreach (var model in request.Models)
                {
                    LoggedModelFace.Get(t, caller, model.ModelId);
                    RunInputs.AddModel(t, run.Id, "output", model.ModelId, model.Step);
                }

                return MlflowJson.Empty();
            },
            cancellation: cancellation
        );

    /// <summary>How clients before 3.0 say that a folder of the run is a model: a tag lists what they said.</summary>
    public Task<IResult> LogModelAsync(Caller caller, LogModel request, CancellationToken cancellation)
    {
        var model = ReadModel(request.ModelJson);
        return stores.Core.WriteAsync(
            t =>
            {
                var run = RunReader.GetActive(t, caller, request.RunId);
                var history = RunStore.Tag(t, run.Id, ModelHistory) is { } known
                    ? JsonNode.Parse(known)!.AsArray()
                    : [];
                if (!history.Any(m => JsonNode.DeepEquals(m, model)))
                {
                    history.Add(model.DeepClone());
                    RunStore.SetTag(t, run.Id, ModelHistory, history.ToJsonString());
                }

                return MlflowJson.Empty();
            },
            cancellation: cancellation
        );
    }

    public Task<IResult> SearchDatasetsAsync(Caller caller, SearchDatasets request, CancellationToken cancellation)
    {
        if (request.ExperimentIds.Count is 0 or > MostExperiments)
        {
            throw MlflowException.Invalid(
                request.ExperimentIds.Count == 0
                    ? "SearchDatasets request must specify at least one experiment_id."
                    : $"SearchDatasets request cannot specify more than {MostExperiments} experiment_ids. Received {request.ExperimentIds.Count} experiment_ids."
            );
        }

        return stores.Core.ReadAsync(
            s =>
            {
                var experiments = request.ExperimentIds.Select(id => ExperimentIds.Get(s, caller, id)).ToList();
                var names = experiments.DistinctBy(e => e.Id).ToDictionary(e => e.Id, ExperimentIds.Of);
                var uses = RunInputs.Uses(s, [.. names.Keys], limit: 1000);
                return MlflowJson.Answer(
                    new
                    {
                        dataset_summaries = uses.Select(u => new DatasetSummary(
                                names[u.Experiment],
                                u.Name,
                                u.Digest,
                                u.Context
                            ))
                            .ToList(),
                    }
                );
            },
            cancellation
        );
    }

    private static void Check(IReadOnlyList<DatasetInputMessage> datasets)
    {
        if (datasets.Count > MostDatasets)
        {
            throw MlflowException.Invalid($"A call can log at most {MostDatasets} datasets. Got {datasets.Count}.");
        }

        foreach (var (tags, dataset) in datasets)
        {
            Keys.CheckLength(dataset.Name, "Dataset name", 500);
            Keys.CheckLength(dataset.Digest, "Dataset digest", 36);
            Keys.CheckLength(dataset.Source, "Dataset source", 65_535);
            Keys.CheckLength(dataset.Schema ?? "", "Dataset schema", 1_048_575);
            Keys.CheckLength(dataset.Profile ?? "", "Dataset profile", 16_777_215);
            foreach (var tag in tags)
            {
                Keys.CheckLength(tag.Key, "Input tag key", 255);
                Keys.CheckLength(tag.Value ?? "", "Input tag value", 500);
            }
        }
    }

    private static JsonObject ReadModel(string text)
    {
        JsonObject? model;
        try
        {
            model = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            model = null;
        }

        if (model is null)
        {
            throw MlflowException.Invalid($"Malformed model info. \n {text} \n is not a valid JSON.");
        }

        string[] missing =
        [
            .. new[] { "artifact_path", "flavors", "utc_time_created", "run_id" }.Where(f => !model.ContainsKey(f)),
        ];
        return missing.Length == 0
            ? model
            : throw MlflowException.Invalid(
                $"Model json is missing mandatory fields: {{{string.Join(", ", missing.Select(PythonText.Repr))}}}"
            );
    }
}

public sealed record DatasetSummary(string ExperimentId, string Name, string Digest, string? Context);
