using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Hints that something moved. They may be lost: whoever acts on them asks for the truth as well.</summary>
public sealed class LiveClient
{
    private readonly Transport _transport;

    internal LiveClient(Transport transport) => _transport = transport;

    /// <summary>The present value of the topic, then a hint for each change, until the connection ends.</summary>
    /// <param name="topic">Such as <c>job/42</c>.</param>
    public async IAsyncEnumerable<LiveHint> FollowAsync(
        string topic,
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        await using var stream = await _transport.OpenAsync(Query.Of("live", ("topics", topic)), cancellation);
        var events = SseParser.Create(
            stream,
            (_, data) => data.IsEmpty ? null : JsonSerializer.Deserialize<LiveHint>(data, Transport.Json)
        );
        await foreach (var hint in events.EnumerateAsync(cancellation))
        {
            if (hint.Data is { } data)
            {
                yield return data;
            }
        }
    }
}

/// <param name="Log">Number of the newest log line.</param>
public sealed record LiveHint(string Topic, string? State, long? Log, long? Metrics, long? Version);
