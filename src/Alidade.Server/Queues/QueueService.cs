using Alidade.Server.Platform.Errors;
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

    /// <summary>Jobs go on in a queue that is deleted, but nobody could resume it for those that wait.</summary>
    protected override void BeforeDelete(ITransaction t, Caller caller, Versioned current)
    {
        const string Strands = """
            SELECT 1 FROM queue_pause p WHERE p.queue = @Id AND EXISTS (
                SELECT 1 FROM lane l JOIN job j ON j.lane = l.id
                WHERE l.queue = p.queue AND j.state IN ('queued', 'scheduled'))
            """;
        if (t.First<long?>(Strands, new { current.Id }) is not null)
        {
            throw new RefusedException(
                "QueuePausedError",
                $"Jobs wait in the queue {current.Name} while it is paused. Resume it, or cancel them, and delete it then."
            );
        }

        t.Execute("DELETE FROM queue_pause WHERE queue = @Id", new { current.Id });
    }

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
