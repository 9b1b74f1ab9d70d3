namespace Alidade.Worker.Sessions;

/// <summary>Closed while the server wants this worker to take nothing new.</summary>
internal sealed class ClaimGate
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _open = Opened();

    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _open.Task.IsCompleted;
            }
        }
    }

    public Task OpenAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            return _open.Task.WaitAsync(cancellation);
        }
    }

    public void ServerDrains(bool drains)
    {
        lock (_gate)
        {
            if (!drains)
            {
                _open.TrySetResult();
            }
            else if (_open.Task.IsCompleted)
            {
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
