using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.Experiments;

/// <summary>Containers of one activity: which entrypoints it runs, and the jobs that came of it.</summary>
public sealed class ExperimentService(Stores stores)
    : VersionedService<ExperimentInput, ExperimentChange, ExperimentView>(stores, ResourceKind.Experiment)
{
    protected override Content ContentOf(
        ISession s,
        Caller caller,
        long group,
        ExperimentChange input,
        Versioned? current
    ) => new(input.Name, input.Description, current?.Read<ExperimentPayload>() ?? new ExperimentPayload());

    protected override IReadOnlyList<ExperimentView> Views(
        ISession s,
        Caller caller,
        IReadOnlyList<Versioned> rows,
        bool asSnapshot
    )
    {
        var entrypoints = Links.EntrypointsOfExperiment.Of(s, rows.Select(r => r.Id));
        return [.. rows.Select(r => new ExperimentView(r, asSnapshot, [.. entrypoints[r.Id]]))];
    }

    protected override void AfterCreate(ITransaction t, Caller caller, Versioned created, ExperimentInput input) =>
        Links.EntrypointsOfExperiment.Add(t, caller, created.Id, input.Entrypoints ?? []);

    protected override void AfterChange(
        ITransaction t,
        Caller caller,
        Versioned before,
        Versioned after,
        ExperimentChange change
    ) => Links.EntrypointsOfExperiment.Replace(t, caller, after.Id, change.Entrypoints ?? []);

    /// <summary>Its stand-alone runs go into the trash with it, at the same moment, and come back with it.</summary>
    protected override void BeforeDelete(ITransaction t, Caller caller, Versioned current) =>
        RunStore.DeleteOf(t, current.Id);

    protected override ExperimentChange ChangeOf(ExperimentInput input) =>
        new(input.Name, input.Description, input.Entrypoints);

    protected internal override long GroupOf(ExperimentInput input) => input.Group;
}

public sealed record ExperimentInput(
    long Group,
    [Name] string Name,
    string? Description = null,
    [NotNull] IReadOnlyList<long>? Entrypoints = null
);

public sealed record ExperimentChange(
    [Name] string Name,
    string? Description = null,
    [NotNull] IReadOnlyList<long>? Entrypoints = null
);

public sealed record ExperimentView : ResourceView
{
    internal ExperimentView(Versioned at, bool asSnapshot, IReadOnlyList<ResourceRef> entrypoints)
        : base(at, asSnapshot)
    {
        Name = at.Name!;
        Entrypoints = entrypoints;
    }

    public string Name { get; }
    public IReadOnlyList<ResourceRef> Entrypoints { get; }
}
