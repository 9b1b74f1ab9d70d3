using System.Collections.Concurrent;

namespace Alidade.Storage.Platform;

/// <summary>
/// Answers that many calls need again and again, such as whose cookie this is. Each is given only as long as nothing was
/// written since it was read; where other servers write too, every one is read anew but for who says that a second does not
/// matter. That something is not there is not remembered: who asks for that may ask for anything.
/// </summary>
/// <param name="read">Depends on the store and the key, and on nothing else; its answer is never changed.</param>
public sealed class Remembered<TKey, TAnswer>(IStore store, Func<ISession, TKey, TAnswer?> read)
    where TKey : notnull
    where TAnswer : class
{
    /// <summary>Held at once; one more, and all are forgotten.</summary>
    private const int Most = 4096;

    private volatile Answers _known = new(-1);

    /// <param name="recent">It may lack what other servers wrote within the last second.</param>
    public ValueTask<TAnswer?> GetAsync(TKey key, CancellationToken cancellation, bool recent = false)
    {
        // Taken before the read: what is read then is of this version, or of a later one that no call asks this for.
        if ((recent ? store.RecentVersion : store.Version) is not { } version)
        {
            return new ValueTask<TAnswer?>(ReadAsync(key, cancellation));
        }

        var known = _known;
        return known.Version == version && known.TryGetValue(key, out var answer)
            ? ValueTask.FromResult<TAnswer?>(answer)
            : new ValueTask<TAnswer?>(LearnAsync(key, version, cancellation));
    }

    private Task<TAnswer?> ReadAsync(TKey key, CancellationToken cancellation) =>
        store.ReadAsync(s => read(s, key), cancellation);

    private async Task<TAnswer?> LearnAsync(TKey key, long version, CancellationToken cancellation)
    {
        if (await ReadAsync(key, cancellation) is not { } answer)
        {
            return null;
        }

        var known = _known;
        if (known.Version != version || known.Count >= Most)
        {
            _known = known = new Answers(version);
        }

        known[key] = answer;
        return answer;
    }

    private sealed class Answers(long version) : ConcurrentDictionary<TKey, TAnswer>
    {
        public long Version => version;
    }
}
