using System.Globalization;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Models;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Registry;

/// <summary>Models and versions as MLflow names and shows them.</summary>
internal static class Registry
{
    public static RegisteredModel Model(ISession s, Caller caller, string name) =>
        RegisteredModels.Find(s, caller, name)
        ?? throw MlflowException.Missing($"Registered Model with name={name} not found");

    public static RegisteredVersion Version(ISession s, Caller caller, string name, string version)
    {
        var number = Number(version);
        return
            RegisteredModels.Find(s, caller, name) is { } model
            && RegisteredModels.FindVersion(s, model.Id, number) is { } found
            ? found
            : throw MlflowException.Missing($"Model Version (name={name}, version={version}) not found");
    }

    public static long Number(string version) =>
        long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw MlflowException.Invalid($"Parameter 'version' must be an integer, got '{version}'.");

    public static IReadOnlyList<ModelAnswer> Models(ISession s, IReadOnlyList<RegisteredModel> models)
    {
        var ids = models.Select(m => m.Id).ToList();
        var latest = RegisteredModels.Latest(s, ids);
        // By their models: several groups may have one of a name.
        var rows = latest.SelectMany(v => v).ToList();
        var versions = rows.Zip(Versions(s, rows)).ToLookup(v => v.First.ModelId, v => v.Second);
        var tags = ModelMarks.Tags(s, ids);
        var aliases = ModelMarks.Aliases(s, ids);
        return
        [
            .. models.Select(m => new ModelAnswer(
                m.Name,
                m.Created / 1000,
                latest[m.Id].Select(v => v.Created).Append(m.Modified).Max() / 1000,
                m.Description,
                [.. versions[m.Id]],
                Pairs(tags[m.Id]),
                [.. aliases[m.Id].Select(a => new AliasAnswer(a.Alias, ExperimentIds.Text(a.Number)))]
            )),
        ];
    }

    public static IReadOnlyList<VersionAnswer> Versions(ISession s, IReadOnlyList<RegisteredVersion> versions)
    {
        var tags = ModelMarks.Tags(s, versions.Select(v => v.Id));
        var aliases = ModelMarks.Aliases(s, versions.Select(v => v.ModelId).Distinct());
        return
        [
            .. versions.Select(v => new VersionAnswer(
                v.ModelName,
                ExperimentIds.Text(v.Number),
                v.Created / 1000,
                v.Modified / 1000,
                v.Stage ?? Stages.None,
                v.Description ?? "",
                SourceOf(v),
                v.Run,
                "READY",
                v.RunLink ?? "",
                v.LoggedModel,
                Pairs(tags[v.Id]),
                [.. aliases[v.ModelId].Where(a => a.Number == v.Number).Select(a => a.Alias)]
            )),
        ];
    }

    /// <summary>Where the files are: as the client said, or in the run that the version's artifact is of.</summary>
    public static string SourceOf(RegisteredVersion version) =>
        version.Source ?? (version.Run is { } run ? $"runs:/{run}/{version.Path}" : "");

    private static IReadOnlyList<KeyValue> Pairs(IEnumerable<ModelTag> tags) =>
        [.. tags.Select(t => new KeyValue(t.Name, t.Value))];
}

/// <summary>Stages of versions, which clients wrote before there were aliases.</summary>
internal static class Stages
{
    public const string None = "None";

    private static readonly string[] All = [None, "Staging", "Production", "Archived"];

    public static string Parse(string stage) =>
        All.FirstOrDefault(s => s.Equals(stage, StringComparison.OrdinalIgnoreCase))
        ?? throw MlflowException.Invalid(
            $"Invalid Model Version stage: {stage}. Value must be one of {string.Join(", ", All)}."
        );
}
