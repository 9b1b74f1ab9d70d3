using System.Collections.Concurrent;
using Alidade.Engine.Protocol;

namespace Alidade.Worker.Attempts;

/// <summary>All attempts this worker holds: at most as many as it has slots, and those an earlier agent left.</summary>
internal sealed class AttemptTable(int slots)
{
    private readonly ConcurrentDictionary<long, Attempt> _attempts = new();
    private TaskCompletionSource _changed = NewSignal();

    public int Count => _attempts.Count;

    /// <summary>Not so right after a start that found more than there are slots now.</summary>
    public bool AreInSlots => _attempts.Count <= slots;

    public IReadOnlyList<LiveAttempt> Live => [.. _attempts.Values.Select(attempt => attempt.Live)];

    public IEnumerable<Attempt> All => _attempts.Values;

    public bool TryAdd(Attempt attempt) => _attempts.TryAdd(attempt.Id, attempt);

    public void Remove(Attempt attempt)
    {
        _attempts.TryRemove(attempt.Id, out _);
        Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
    }

    public Attempt? Find(long id) => _attempts.GetValueOrDefault(id);

    /// <summary>Waits until there is a free slot, and says how many there are.</summary>
    public async Task<int> FreeAsync(CancellationToken cancellation)
    {
        await WhenAsync(count => count < slots, cancellation);
        return slots - Count;
    }

    public Task EmptyAsync(CancellationToken cancellation) => WhenAsync(count => count == 0, cancellation);

    private async Task WhenAsync(Func<int, bool> condition, CancellationToken cancellation)
    {
        while (true)
        {
            // Taken before the look, so a change between look and wait is not missed.
            var changed = Volatile.Read(ref _changed);
            if (condition(Count))
            {
                return;
            }

            await changed.Task.WaitAsync(cancellation);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
