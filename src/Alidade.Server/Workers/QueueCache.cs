namespace Alidade.Server.Workers;

/// <summary>
/// The names of all queues, read again when one was made or renamed: workers that wait look at them every second, and a hint
/// is answered from here.
/// </summary>
public sealed class QueueCache(TimeProvider time)
{
    /// <summary>
    /// On PostgreSQL a change may become visible after a later one, and then the newest snapshot does not tell of it.
    /// </summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private volatile Names? _last;

    public IReadOnlyDictionary<long, QueueName> All(ISession read)
    {
        var newest = read.Scalar<long>("SELECT COALESCE(MAX(head), 0) FROM resource WHERE kind = 'queue'");
        if (_last is { } last && last.Newest == newest && time.GetElapsedTime(last.Read) < Longest)
        {
            return last.ById;
        }

        var names = read.Query<QueueName>("SELECT id, group_id, name FROM resource WHERE kind = 'queue'");
        _last = new Names(newest, time.GetTimestamp(), names.ToDictionary(q => q.Id));
        return _last.ById;
    }

    private sealed record Names(long Newest, long Read, IReadOnlyDictionary<long, QueueName> ById);
}
