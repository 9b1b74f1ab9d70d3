using Alidade.Testing;

namespace Alidade.Storage.Tests.Jobs;

/// <summary>A test of the queue on a store, which leaves it as the invariants want it.</summary>
public abstract class JobCompliance(ITestStore source) : IAsyncLifetime
{
    private protected JobWorld World { get; } = new(source);

    public async ValueTask InitializeAsync() => await World.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await World.Check();
        await World.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
