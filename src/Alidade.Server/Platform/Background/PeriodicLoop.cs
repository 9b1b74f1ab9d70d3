namespace Alidade.Server.Platform.Background;

/// <summary>A loop that runs once each <paramref name="tick"/>, for the first time after one, or at once.</summary>
public abstract class PeriodicLoop(TimeSpan tick, TimeProvider time, bool atOnce = false) : BackgroundLoop
{
    private bool _isDue = atOnce;
    private readonly PeriodicTimer _timer = new(tick, time);

    protected TimeProvider Time { get; } = time;

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    protected sealed override ValueTask<bool> NextAsync(CancellationToken cancellation)
    {
        if (!_isDue)
        {
            return _timer.WaitForNextTickAsync(cancellation);
        }

        _isDue = false;
        return ValueTask.FromResult(true);
    }
}
