using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Alidade.Server.Live;

/// <summary>Something moved; who is interested fetches what. A member that is null has not moved.</summary>
/// <param name="Topic"><c>job/42</c>, <c>experiment/7</c>, or <c>run/ID</c> of a run that stands alone.</param>
/// <param name="Log">Number of the newest log line.</param>
/// <param name="Metrics">How many points there are.</param>
/// <param name="Version">Grows with each change of state.</param>
public sealed record LiveHint(
    string Topic,
    string? State = null,
    long? Log = null,
    long? Metrics = null,
    long? Version = null
)
{
    public static string Job(long id) => $"job/{id}";

    public static string Run(string id) => $"run/{id}";

    public static string Experiment(long id) => $"experiment/{id}";
}

/// <summary>
/// Carries hints from commits to browsers within this process. Losing one is harmless: the next says as much, and a new
/// connection begins with the present value.
/// </summary>
public sealed class LiveHub
{
    /// <summary>A reader this far behind misses hints instead of holding memory.</summary>
    private const int Backlog = 256;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Channel<LiveHint>, bool>> _readers = new(
        StringComparer.Ordinal
    );

    /// <summary>Nobody pays for hints that nobody reads.</summary>
    public bool HasReaders(string topic) => _readers.ContainsKey(topic);

    public void Publish(LiveHint hint)
    {
        if (_readers.TryGetValue(hint.Topic, out var readers))
        {
            foreach (var reader in readers.Keys)
            {
                reader.Writer.TryWrite(hint);
            }
        }
    }

    /// <summary>Hints of these topics from now on, until disposed.</summary>
    public LiveSubscription Subscribe(IReadOnlyCollection<string> topics)
    {
        var channel = Channel.CreateBounded<LiveHint>(
            new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
        );
        lock (_readers)
        {
            foreach (var topic in topics)
            {
                _readers.GetOrAdd(topic, _ => new()).TryAdd(channel, true);
            }
        }

        return new LiveSubscription(channel.Reader, () => Remove(topics, channel));
    }

    private void Remove(IReadOnlyCollection<string> topics, Channel<LiveHint> channel)
    {
        lock (_readers)
        {
            foreach (var topic in topics)
            {
                if (_readers.TryGetValue(topic, out var readers))
                {
                    readers.TryRemove(channel, out _);
                    if (readers.IsEmpty)
                    {
                        _readers.TryRemove(topic, out _);
                    }
                }
            }
        }
    }
}

/// <summary>One reader's place at the hub.</summary>
public sealed class LiveSubscription(ChannelReader<LiveHint> hints, Action end) : IDisposable
{
    public ChannelReader<LiveHint> Hints => hints;

    public void Dispose() => end();
}
