namespace Alidade.Server.Workers;

/// <summary>
/// Workers that wait for work in this process. A job that becomes ready wakes one of those that could take it; the
/// database then decides.
/// </summary>
public sealed class ClaimWaiters
{
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly Lock _gate = new();

    /// <summary>Takes a place in the line before looking for work, so that nothing is missed in between.</summary>
    /// <param name="serves">Whether the worker takes jobs of a queue, and of a lane of it where that is known.</param>
    public Waiter Join(long session, Func<long, long?, bool> serves)
    {
        var waiter = new Waiter(this, session, serves);
        lock (_gate)
        {
            _waiting.AddLast(waiter);
        }

        return waiter;
    }

    public void Wake(long queue, long? lane = null)
    {
        lock (_gate)
        {
            for (var node = _waiting.First; node is not null; node = node.Next)
            {
                if (node.Value.Serves(queue, lane))
                {
                    _waiting.Remove(node);
                    node.Value.Wake();
                    return;
                }
            }
        }
    }

    /// <summary>Wakes a session that gets nothing more, so that its worker need not wait to hear it.</summary>
    public void Dismiss(long session)
    {
        lock (_gate)
        {
            foreach (var waiter in _waiting.Where(waiter => waiter.Session == session))
            {
                waiter.Wake();
            }
        }
    }

    /// <summary>One place in the line, good for one wake-up.</summary>
    public sealed class Waiter(ClaimWaiters line, long session, Func<long, long?, bool> serves) : IDisposable
    {
        private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Woken => _woken.Task;

        internal long Session => session;

        public void Dispose()
        {
            lock (line._gate)
            {
                line._waiting.Remove(this);
            }
        }

        internal bool Serves(long queue, long? lane) => serves(queue, lane);

        internal void Wake() => _woken.TrySetResult();
    }
}
