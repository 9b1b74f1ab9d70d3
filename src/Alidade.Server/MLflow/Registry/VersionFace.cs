using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Alidade.Server.MLflow.Models;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.MLflow.Runs;
using Alidade.Server.Models;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Registry;

/// <summary>Versions of registered models in MLflow's words.</summary>
public sealed partial class VersionFace(Stores stores)
{
    private const string LoggedPrefix = "models:/m-";
    private const string ModelsPrefix = "models:/";
    private const string RunsPrefix = "runs:/";
    private const string VersionsTag = "mlflow.modelVersions";

    /// <summary>Copies of copies are followed so far.</summary>
    private const int MostCopies = 100;

    public Task<IResult> CreateAsync(Caller caller, CreateVersion request, CancellationToken cancellation)
    {
        CheckSource(request);
        foreach (var tag in request.Tags)
        {
            RegistryChecks.Tag(tag.Key, tag.Value);
        }

        return WriteAsync(
            t =>
            {
                var model = Registry.Model(t, caller, request.Name);
                var original = OriginalOf(t, caller, request.Source);
                var logged = LoggedOf(request) is { } id ? LoggedModelFace.Get(t, caller, id) : null;
                var number = RegisteredModels.AddVersion(
                    t,
                    caller,
                    model,
                    new RegisteredVersion
                    {
                        Description = request.Description,
                        Source = original is null
                            ? request.Source
                            : FormattableString.Invariant($"{ModelsPrefix}{original.ModelName}/{original.Number}"),
                        CopyOf = original?.Id,
                        Run = request.RunId is { Length: > 0 } run ? run : logged?.Run,
                        RunLink = request.RunLink,
                        LoggedModel = logged?.Id,
                    }
                );
                var version = RegisteredModels.FindVersion(t, model.Id, number)!;
                foreach (var tag in request.Tags)
                {
                    ModelMarks.SetTag(t, caller, model, version.Id, tag.Key, tag.Value ?? "");
                }

                if (logged is not null)
                {
                    Register(t, logged.Id, model.Name, number);
                }

                return Answer(t, version);
            },
            cancellation
        );
    }

    /// <summary>
    /// A version may be a copy of another, named by its number, alias or stage: from then on it is by its number, which
    /// does not move. A copy of nothing could never be loaded.
    /// </summary>
    private static RegisteredVersion? OriginalOf(ISession s, Caller caller, string source)
    {
        if (!source.StartsWith(ModelsPrefix, StringComparison.Ordinal) || LoggedName().IsMatch(source))
        {
            return null;
        }

        var named = ModelSource().Match(source);
        var (name, alias, version) = (named.Groups[1].Value, named.Groups[2].Value, named.Groups[3].Value);
        return
            (named.Success ? RegisteredModels.Find(s, caller, name) : null) is { } model
            && Named(s, model, alias, version) is { } found
            ? found
            : throw MlflowException.Invalid(
                $"Unable to fetch model from model URI source artifact location '{source}'. Error: it names no version "
                    + "of a registered model; write models:/NAME/VERSION or models:/NAME@ALIAS."
            );
    }

    /// <param name="alias">Empty where a version is named by its number or its stage.</param>
    private static RegisteredVersion? Named(ISession s, RegisteredModel model, string alias, string version) =>
        alias.Length > 0
            ? ModelMarks.Aliases(s, [model.Id])[model.Id].FirstOrDefault(a => a.Alias == alias) is { } points
                ? RegisteredModels.FindVersion(s, model.Id, points.Number)
                : null
            : version.All(char.IsAsciiDigit)
                ? RegisteredModels.FindVersion(s, model.Id, Registry.Number(version))
                : RegisteredModels.Versions(s, model.Id).FirstOrDefault(v => IsCalled(v, version));

    private static bool IsCalled(RegisteredVersion version, string stage) =>
        stage.Equals("latest", StringComparison.OrdinalIgnoreCase)
        || stage.Equals(version.Stage ?? Stages.None, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\Amodels:/m-[^/@]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex LoggedName();

    [GeneratedRegex(@"\Amodels:/([^/@]+)(?:@([^/@]+)|/([^/@]+))\z", RegexOptions.CultureInvariant)]
    private static partial Regex ModelSource();

    private static void CheckSource(CreateVersion request)
    {
        if (request.Tags.Any(t => t.Key == Prompts.Tag))
        {
            Prompts.CheckSource(request.Source);
        }
        else
        {
            RegistryChecks.Source(request.Source);
        }
    }

    public Task<IResult> GetAsync(Caller caller, NamedVersion request, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Answer(s, Registry.Version(s, caller, request.Name, request.Version)), cancellation);

    public Task<IResult> UpdateAsync(Caller caller, UpdateVersion request, CancellationToken cancellation) =>
        WriteAsync(
            t =>
            {
                var version = Registry.Version(t, caller, request.Name, request.Version);
                RegisteredModels.Describe(t, caller, version, request.Description);
                return Answer(t, Registry.Version(t, caller, request.Name, request.Version));
            },
            cancellation
        );

    public Task<IResult> DeleteAsync(Caller caller, NamedVersion request, CancellationToken cancellation) =>
        WriteAsync(
            t =>
            {
                RegisteredModels.DeleteVersion(t, caller, Registry.Version(t, caller, request.Name, request.Version));
                return MlflowJson.Empty();
            },
            cancellation
        );

    public Task<IResult> TransitionAsync(Caller caller, TransitionStage request, CancellationToken cancellation)
    {
        var stage = Stages.Parse(request.Stage);
        if (request.ArchiveExistingVersions && stage is ("None" or "Archived"))
        {
            throw MlflowException.Invalid(
                $"Model version transition cannot archive existing model versions because '{stage}' is not an Active stage. Valid stages are Staging, Production"
            );
        }

        return WriteAsync(
            t =>
            {
                var version = Registry.Version(t, caller, request.Name, request.Version);
                RegisteredModels.SetStage(t, caller, version, stage, request.ArchiveExistingVersions);
                return Answer(t, Registry.Version(t, caller, request.Name, request.Version));
            },
            cancellation
        );
    }

    public Task<IResult> DownloadUriAsync(Caller caller, NamedVersion request, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var version = Original(s, caller, Registry.Version(s, caller, request.Name, request.Version));
                var uri = version.LoggedModel is { } id
                    ? LoggedModelFace.ArtifactUri(LoggedModelFace.Get(s, caller, id))
                    : Registry.SourceOf(version);
                return MlflowJson.Answer(new { artifact_uri = uri });
            },
            cancellation
        );

    public Task<IResult> SetTagAsync(Caller caller, VersionTagMessage request, CancellationToken cancellation)
    {
        RegistryChecks.Tag(request.Key, request.Value);
        return WriteAsync(
            t =>
            {
                var version = Registry.Version(t, caller, request.Name, request.Version);
                var model = Registry.Model(t, caller, request.Name);
                ModelMarks.SetTag(t, caller, model, version.Id, request.Key, request.Value ?? "");
                return MlflowJson.Empty();
            },
            cancellation
        );
    }

    public Task<IResult> DeleteTagAsync(Caller caller, VersionTagKey request, CancellationToken cancellation) =>
        WriteAsync(
            t =>
            {
                var version = Registry.Version(t, caller, request.Name, request.Version);
                ModelMarks.DeleteTag(t, caller, Registry.Model(t, caller, request.Name), version.Id, request.Key);
                return MlflowJson.Empty();
            },
            cancellation
        );

    /// <summary>Where the files of a version are, as an address that names run or logged model.</summary>
    internal static string RootOf(ISession s, Caller caller, string name, string number)
    {
        var version = Original(s, caller, Registry.Version(s, caller, name, number));
        if (version.LoggedModel is { } id)
        {
            return LoggedModelFace.ArtifactUri(LoggedModelFace.Get(s, caller, id));
        }

        var source = Registry.SourceOf(version);
        if (!source.StartsWith(RunsPrefix, StringComparison.Ordinal))
        {
            return source;
        }

        var (run, path) = source[RunsPrefix.Length..].Split('/', 2) is [var first, var rest]
            ? (first, rest)
            : (source[RunsPrefix.Length..], "");
        return $"{RunReader.InfoOf(s, caller, RunReader.Get(s, caller, run)).ArtifactUri}/{path}";
    }

    /// <summary>The version that this one is a copy of, by whichever way; itself when it is none.</summary>
    private static RegisteredVersion Original(ISession s, Caller caller, RegisteredVersion version)
    {
        for (var i = 0; i < MostCopies && CopiedFrom(s, caller, version) is { } source; i++)
        {
            version = source;
        }

        return version;
    }

    /// <summary>Those that were made before it was written down say it by name alone.</summary>
    private static RegisteredVersion? CopiedFrom(ISession s, Caller caller, RegisteredVersion version) =>
        version.CopyOf is { } id ? RegisteredModels.FindVersion(s, caller, id)
        : VersionSource().Match(version.Source ?? "") is { Success: true } said
        && RegisteredModels.Find(s, caller, said.Groups[1].Value) is { } model
            ? RegisteredModels.FindVersion(s, model.Id, Registry.Number(said.Groups[2].Value))
        : null;

    [GeneratedRegex(@"\Amodels:/([^/@]+)/([0-9]{1,18})\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionSource();

    /// <summary>The logged model that the version is of.</summary>
    private static string? LoggedOf(CreateVersion request) =>
        request.ModelId is { Length: > 0 } id ? id
        : request.Source.StartsWith(LoggedPrefix, StringComparison.Ordinal) ? request.Source["models:/".Length..]
        : null;

    /// <summary>The logged model says, too, which versions it became.</summary>
    private static void Register(ITransaction t, string logged, string name, long number)
    {
        var versions =
            RunStore.Tag(t, logged, VersionsTag) is { } known && known.StartsWith('[')
                ? JsonNode.Parse(known)!.AsArray()
                : [];
        versions.Add(new JsonObject { ["name"] = name, ["version"] = number });
        RunStore.SetTag(t, logged, VersionsTag, PythonText.Json(versions));
    }

    private static IResult Answer(ISession s, RegisteredVersion version) =>
        MlflowJson.Answer(new { model_version = Registry.Versions(s, [version])[0] });

    private Task<IResult> WriteAsync(Func<ITransaction, IResult> work, CancellationToken cancellation) =>
        stores.Core.WriteAsync(work, cancellation: cancellation);
}
