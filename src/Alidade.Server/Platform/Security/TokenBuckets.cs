namespace Alidade.Server.Platform.Security;

/// <summary>
/// A bucket of tokens for each key, refilled one at a time. Not safe for several threads at once. A full bucket is not
/// kept; when there are too many others the longest untouched half is forgotten.
/// </summary>
/// <param name="capacity">How many may be taken at once.</param>
/// <param name="refill">How long until there is one more.</param>
internal sealed class TokenBuckets(TimeProvider time, int capacity, TimeSpan refill)
{
    private const int MostKeys = 10_000;

    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    public int Count => _buckets.Count;

    /// <summary>How long until there is a token; zero when there is one now.</summary>
    public TimeSpan Wait(string key)
    {
        var missing = 1 - Level(key);
        return missing <= 0 ? TimeSpan.Zero : missing * refill;
    }

    public void Take(string key) => Set(key, Level(key) - 1);

    public void Give(string key) => Set(key, Level(key) + 1);

    public void Forget(string key) => _buckets.Remove(key);

    private double Level(string key) =>
        _buckets.TryGetValue(key, out var bucket)
            ? Math.Min(capacity, bucket.Level + (time.GetElapsedTime(bucket.At) / refill))
            : capacity;

    private void Set(string key, double level)
    {
        if (level >= capacity)
        {
            _buckets.Remove(key);
            return;
        }

        if (_buckets.Count >= MostKeys && !_buckets.ContainsKey(key))
        {
            Sweep();
        }

        _buckets[key] = new Bucket(level, time.GetTimestamp());
    }

    private void Sweep()
    {
        foreach (var key in _buckets.Keys.Where(key => Level(key) >= capacity).ToList())
        {
            _buckets.Remove(key);
        }

        foreach (var (key, _) in _buckets.OrderBy(b => b.Value.At).Take(_buckets.Count - (MostKeys / 2)).ToList())
        {
            _buckets.Remove(key);
        }
    }

    private readonly record struct Bucket(double Level, long At);
}
