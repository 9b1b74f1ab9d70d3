using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Drafts;

/// <summary>
/// A kind of resource that can be drafted, and how its drafts become real.
/// </summary>
public interface IDraftable
{
    ResourceKind Kind { get; }

    /// <summary>Refuses a resource that nobody may change.</summary>
    void RequireChangeable(Versioned current);

    /// <summary>What comes before the transaction of a commit; what is returned runs inside it.</summary>
    Task<Publish> PrepareAsync(Caller caller, DraftRow draft, CancellationToken cancellation);

    /// <summary>Snapshots of the drafted resource as the wire shows them.</summary>
    Task<IReadOnlyList<object>> SnapshotsAsync(
        Caller caller,
        DraftRow draft,
        IReadOnlyList<long> snapshots,
        CancellationToken cancellation
    );
}

/// <summary>Makes a draft real.</summary>
/// <param name="current">The newest snapshot of the resource that the draft changes; null for a resource to come.</param>
/// <returns>The ids of what was written.</returns>
public delegate IReadOnlyList<long> Publish(ITransaction t, Versioned? current);

/// <summary>Registers the kinds.</summary>
public static class Draftables
{
    /// <summary>A service of resources whose drafts can be committed.</summary>
    public static void AddDraftable<TService>(this IServiceCollection services)
        where TService : class, IDraftable
    {
        services.AddSingleton<TService>();
        services.AddSingleton<IDraftable>(provider => provider.GetRequiredService<TService>());
    }
}
