using System.Globalization;
using Alidade.Server.Artifacts;
using Alidade.Server.Entrypoints;
using Alidade.Server.Jobs;
using Alidade.Server.Pages.Jobs;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Pages.Experiments;

/// <summary>An artifact parameter as the form shows it: which artifacts fit, newest first.</summary>
/// <param name="Types">What the artifact must give, in order.</param>
/// <param name="Total">How many fit, also beyond the choices.</param>
/// <param name="Value">The chosen <see cref="ArtifactChoice.Value"/>.</param>
public sealed record ArtifactField(
    string Name,
    string Types,
    IReadOnlyList<ArtifactChoice> Choices,
    long Total,
    string? Value = null
)
{
    public string Field => "a." + Name;

    public string Hint =>
        Total == 0
            ? $"No artifact gives {Types} yet. Run an entrypoint that stores one, or give an artifact a task that loads it."
        : Total > Choices.Count ? $"The newest {Choices.Count} of {Total} that fit."
        : "Artifacts whose task gives what the entrypoint takes, newest first.";

    /// <summary>The chosen artifact at the chosen snapshot; null when none is.</summary>
    public ArtifactPin? Pin =>
        Value?.Split('.') is [var id, var snapshot]
        && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var artifact)
        && long.TryParse(snapshot, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? new ArtifactPin(artifact, at)
            : null;

    /// <summary>With this artifact chosen, which is offered even when it is older than the choices.</summary>
    public ArtifactField With(ArtifactPin pin)
    {
        var value = ArtifactChoice.ValueOf(pin.Id, pin.SnapshotId);
        var isOffered = Choices.Any(choice => choice.Value == value);
        return this with
        {
            Value = value,
            Choices = isOffered
                ? Choices
                : [new ArtifactChoice(value, $"artifact {pin.Id} at snapshot {pin.SnapshotId}"), .. Choices],
        };
    }
}

/// <summary>An artifact at its newest snapshot.</summary>
public sealed record ArtifactChoice(string Value, string Text)
{
    public static ArtifactChoice Of(ArtifactView artifact) =>
        new(
            ValueOf(artifact.Id, artifact.Snapshot),
            $"{JobLoader.NameOf(artifact.ArtifactUri)}, job {artifact.Job}"
                + (artifact.Description is { Length: > 0 } description ? $": {description}" : "")
        );

    public static string ValueOf(long id, long snapshot) =>
        string.Create(CultureInfo.InvariantCulture, $"{id}.{snapshot}");
}

/// <summary>Finds the artifacts that an entrypoint's artifact parameters can take.</summary>
internal sealed class SubmitArtifacts(ArtifactService artifacts)
{
    private const int MostChoices = 100;

    public async Task<IReadOnlyList<ArtifactField>> LoadAsync(
        Caller caller,
        EntrypointView entrypoint,
        CancellationToken cancellation
    )
    {
        var newest = new Listing(SortBy: "createdOn", Descending: true, PageLength: MostChoices);
        var fields = new List<ArtifactField>();
        foreach (var parameter in entrypoint.ArtifactParameters)
        {
            var types = parameter.OutputParams.Select(o => o.ParameterType).ToList();
            var found = await artifacts.ListAsync(caller, newest, [.. types.Select(t => t.Id)], cancellation);
            fields.Add(
                new ArtifactField(
                    parameter.Name,
                    string.Join(", ", types.Select(t => t.Name)),
                    [.. found.Data.Select(ArtifactChoice.Of)],
                    found.TotalNumResults
                )
            );
        }

        return fields;
    }
}
