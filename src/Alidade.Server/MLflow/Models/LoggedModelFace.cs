using System.Text.RegularExpressions;
using Alidade.Server.Experiments;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Runs;
using Alidade.Server.Platform.Security;
using Alidade.Server.Runs;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Models;

/// <summary>Models as clients from 3.0 on log them, each a thing of its own beside the run that made it.</summary>
public sealed partial class LoggedModelFace(Stores stores)
{
    internal sealed record Loaded(
        IReadOnlyList<LoggedModelRow> Models,
        IReadOnlyDictionary<long, TrackedExperiment> Experiments,
        ILookup<string, NamedValue> Parameters,
        ILookup<string, NamedValue> Tags,
        ILookup<string, ModelMetricRow> Metrics
    );

    /// <exception cref="MlflowException">There is none that the caller may see.</exception>
    internal static LoggedModelRow Get(ISession s, Caller caller, string id) =>
        LoggedModels.Find(s, id) is { } model && caller.Groups.ContainsKey(model.GroupId)
            ? model
            : throw MlflowException.Missing($"Logged model with ID '{id}' not found.");

    internal static LoggedModelRow GetToChange(ISession s, Caller caller, string id)
    {
        var model = Get(s, caller, id);
        caller.Require(model.GroupId, Role.Contributor);
        return model;
    }

    public Task<IResult> CreateAsync(Caller caller, CreateLoggedModel request, CancellationToken cancellation)
    {
        var name = request.Name is { Length: > 0 } given ? given : RunNames.New();
        if (!PlainName().IsMatch(name))
        {
            throw MlflowException.Invalid(
                $"Invalid model name ({name}) provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")"
            );
        }

        return AnswerAsync(
            caller,
            t =>
            {
                var experiment = ExperimentIds.GetActive(t, caller, request.ExperimentId);
                var id = "m-" + Guid.NewGuid().ToString("N");
                var model = new LoggedModelRow
                {
                    Id = id,
                    Experiment = experiment.Id,
                    GroupId = experiment.GroupId,
                    UserId = caller.UserId,
                    Name = name,
                    ModelType = request.ModelType ?? "",
                    Run = request.SourceRunId is { Length: > 0 } run ? run : null,
                    Status = ProtoEnum.Name(LoggedModelStatus.LoggedModelPending),
                    ArtifactRoot = experiment.ArtifactLocation is { } root
                        ? $"{root.TrimEnd('/')}/models/{id}/artifacts"
                        : null,
                    Created = t.Now,
                    Modified = t.Now,
                };
                LoggedModels.Insert(t, model);
                Record(t, id, request.Params, request.Tags);
                return model;
            },
            cancellation
        );
    }

    public async Task<IResult> GetAsync(Caller caller, string id, CancellationToken cancellation)
    {
        var loaded = await stores.Core.ReadAsync(s => Load(s, caller, [Get(s, caller, id)]), cancellation);
        return MlflowJson.Answer(new { model = Answers(loaded)[0] });
    }

    public Task<IResult> FinalizeAsync(
        Caller caller,
        string id,
        LoggedModelStatus status,
        CancellationToken cancellation
    )
    {
        if (status == default)
        {
            throw MlflowException.Invalid(
                "Invalid model status: it must be LOGGED_MODEL_READY or LOGGED_MODEL_UPLOAD_FAILED."
            );
        }

        return AnswerAsync(
            caller,
            t =>
            {
                GetToChange(t, caller, id);
                LoggedModels.SetStatus(t, id, ProtoEnum.Name(status));
                return Get(t, caller, id);
            },
            cancellation
        );
    }

    public Task<IResult> SetTagsAsync(
        Caller caller,
        string id,
        IReadOnlyList<TagMessage> tags,
        CancellationToken cancellation
    ) =>
        AnswerAsync(
            caller,
            t =>
            {
                var model = GetToChange(t, caller, id);
                Record(t, id, [], tags);
                return model;
            },
            cancellation
        );

    public Task<IResult> DeleteTagAsync(Caller caller, string id, string key, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                GetToChange(t, caller, id);
                return RunStore.DeleteTag(t, id, key)
                    ? MlflowJson.Empty()
                    : throw MlflowException.Missing(
                        $"No tag with key {PythonText.Repr(key)} found for logged model {id}."
                    );
            },
            cancellation: cancellation
        );

    public Task<IResult> LogParamsAsync(
        Caller caller,
        string id,
        IReadOnlyList<ParameterMessage> parameters,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            t =>
            {
                GetToChange(t, caller, id);
                RequireUnchanged(t, id, parameters);
                Record(t, id, parameters, []);
                return MlflowJson.Empty();
            },
            cancellation: cancellation
        );

    public Task<IResult> DeleteAsync(Caller caller, string id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                GetToChange(t, caller, id);
                LoggedModels.Delete(t, id);
                return MlflowJson.Empty();
            },
            cancellation: cancellation
        );

    internal static string ArtifactUri(LoggedModelRow model) =>
        model.ArtifactRoot ?? $"{ExperimentIds.Here(model.GroupId)}/models/{model.Id}/artifacts";

    internal static Loaded Load(ISession s, Caller caller, IReadOnlyList<LoggedModelRow> models)
    {
        string[] ids = [.. models.Select(m => m.Id)];
        return new Loaded(
            models,
            TrackedExperiments
                .FindMany(s, caller, [.. models.Select(m => m.Experiment).Distinct()])
                .ToDictionary(e => e.Id),
            RunStore.Parameters(s, ids).ToLookup(v => v.Run),
            RunStore.Tags(s, ids).ToLookup(v => v.Run),
            ModelMetrics.Of(s, ids).ToLookup(m => m.Model)
        );
    }

    internal static IReadOnlyList<LoggedModelAnswer> Answers(Loaded loaded) =>
        [
            .. loaded.Models.Select(m => new LoggedModelAnswer(
                new LoggedModelInfo(
                    m.Id,
                    ExperimentIds.Of(loaded.Experiments[m.Experiment]),
                    m.Name,
                    m.Created / 1000,
                    m.Modified / 1000,
                    ArtifactUri(m),
                    m.Status,
                    m.ModelType,
                    m.Run,
                    [.. loaded.Tags[m.Id].Select(t => new KeyValue(t.Name, t.Value))]
                ),
                new LoggedModelData(
                    [.. loaded.Parameters[m.Id].Select(p => new KeyValue(p.Name, p.Value))],
                    [
                        .. loaded
                            .Metrics[m.Id]
                            .Select(v => new ModelMetricAnswer(
                                v.Name,
                                OrderedDouble.ToDouble(v.Value),
                                v.Time / 1000,
                                v.Step,
                                m.Id,
                                v.Dataset.Length > 0 ? v.Dataset : null,
                                v.Digest.Length > 0 ? v.Digest : null,
                                v.Run
                            )),
                    ]
                )
            )),
        ];

    private async Task<IResult> AnswerAsync(
        Caller caller,
        Func<ITransaction, LoggedModelRow> work,
        CancellationToken cancellation
    )
    {
        var loaded = await stores.Core.WriteAsync(t => Load(t, caller, [work(t)]), cancellation: cancellation);
        return MlflowJson.Answer(new { model = Answers(loaded)[0] });
    }

    private static void RequireUnchanged(ISession s, string id, IReadOnlyList<ParameterMessage> parameters)
    {
        var known = RunStore.Logged(s, id).ToDictionary(k => k.Name, k => k.Value);
        var changed = parameters.FirstOrDefault(p =>
            known.TryGetValue(p.Key ?? "", out var value) && value != ValueOf(p)
        );
        if (changed is not null)
        {
            throw MlflowException.Invalid(
                $"Changing param values is not allowed. Param with key='{changed.Key}' was already logged with "
                    + $"value='{known[changed.Key!]}' for logged model '{id}'. Attempted logging new value '{changed.Value}'."
            );
        }
    }

    private static string ValueOf(ParameterMessage parameter) => Keys.Fit(parameter.Value ?? "", Keys.LongestParameter);

    private static void Record(
        ITransaction t,
        string id,
        IReadOnlyList<ParameterMessage> parameters,
        IReadOnlyList<TagMessage> tags
    )
    {
        foreach (var parameter in parameters)
        {
            Keys.Check(parameter.Key, "Param key", "params.key");
            RunStore.SetParameter(t, id, parameter.Key, ValueOf(parameter));
        }

        foreach (var tag in tags)
        {
            Keys.Check(tag.Key, "Tag name", "tags.key");
            RunStore.SetTag(t, id, tag.Key, Keys.Fit(tag.Value ?? "", Keys.LongestTag));
        }
    }

    [GeneratedRegex("""\A[^/:.%"']+\z""", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();
}
