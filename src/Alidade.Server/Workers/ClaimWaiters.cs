namespace Alidade.Server.Workers;

/// <summary>
/// Workers that wait for work in this process. A job that becomes ready wakes one of those that serve its queue; the
/// database then decides.
/// </summary>
public sealed class ClaimWaiters
{
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly Lock _gate = new();

    /// <summary>Takes a place in the line before looking for work, so that nothing is missed in between.</summary>
    public Waiter Join(Func<long, bool> serves)
    {
        var waiter = new Waiter(this, serves);
        lock (_gate)
        {
            _waiting.AddLast(waiter);
        }

        return waiter;
    }

    public void Wake(long queue)
    {
        lock (_gate)
        {
            for (var node = _waiting.First; node is not null; node = node.Next)
            {
                if (node.Value.Serves(queue))
                {
                    _waiting.Remove(node);
                    node.Value.Wake();
                    return;
                }
            }
        }
    }

    /// <summary>One place in the line, good for one wake-up.</summary>
    public sealed class Waiter(ClaimWaiters line, Func<long, bool> serves) : IDisposable
    {
        private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Woken => _woken.Task;

        public void Dispose()
        {
            lock (line._gate)
            {
                line._waiting.Remove(this);
            }
        }

        internal bool Serves(long queue) => serves(queue);

        internal void Wake() => _woken.TrySetResult();
    }
}
