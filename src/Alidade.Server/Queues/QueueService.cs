using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Queues;

/// <summary>Names that jobs wait under.</summary>
public sealed class QueueService(Stores stores)
    : VersionedService<QueueInput, QueueChange, QueueView>(stores, ResourceKind.Queue)
{
    protected override Content ContentOf(
        ISession s,
        Caller caller,
        long group,
        QueueChange input,
        Versioned? current
    ) => new(input.Name, input.Description, new { });

    protected override IReadOnlyList<QueueView> Views(
        ISession s,
        Caller caller,
        IReadOnlyList<Versioned> rows,
        bool asSnapshot
    ) => [.. rows.Select(r => new QueueView(r, asSnapshot))];

    protected override QueueChange ChangeOf(QueueInput input) => new(input.Name, input.Description);

    protected internal override long GroupOf(QueueInput input) => input.Group;
}

public sealed record QueueInput(long Group, [Name] string Name, string? Description = null);

public sealed record QueueChange([Name] string Name, string? Description = null);

public sealed record QueueView : ResourceView
{
    internal QueueView(Versioned at, bool asSnapshot)
        : base(at, asSnapshot) => Name = at.Name!;

    public string Name { get; }
}
