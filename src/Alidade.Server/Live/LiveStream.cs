using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Alidade.Server.Users;
using Microsoft.AspNetCore.Http.Features;

namespace Alidade.Server.Live;

/// <summary>
/// Server-sent events from a place at the hub: until the reader leaves, may no longer see what it follows, or the server
/// stops.
/// </summary>
public sealed class LiveStream(Callers callers, TimeProvider time, IHostApplicationLifetime server)
{
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(5);

    /// <summary>How long a stream may outlive the membership, session or token that opened it, beside one pulse.</summary>
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(5);

    /// <param name="first">What is said at once.</param>
    /// <param name="say">What hints that came together are turned into.</param>
    /// <param name="groups">Those of which the reader must stay a member.</param>
    public IResult Answer(
        HttpContext context,
        LiveSubscription subscription,
        IReadOnlyList<SseItem<string>> first,
        Func<IReadOnlyList<LiveHint>, Task<IReadOnlyList<SseItem<string>>>> say,
        IReadOnlyList<long> groups,
        CancellationToken cancellation
    )
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.ServerSentEvents(
            ItemsAsync(subscription, first, say, MayStillAsync, server.ApplicationStopping, cancellation)
        );

        async Task<bool> MayStillAsync(CancellationToken c) =>
            await callers.FindAsync(context.Request, c) is { } still && groups.All(still.Groups.ContainsKey);
    }

    private async IAsyncEnumerable<SseItem<string>> ItemsAsync(
        LiveSubscription subscription,
        IReadOnlyList<SseItem<string>> first,
        Func<IReadOnlyList<LiveHint>, Task<IReadOnlyList<SseItem<string>>>> say,
        Func<CancellationToken, Task<bool>> mayStill,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        using var ending = subscription;
        // A server that stops waits for its answers, and this one has no end of its own.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping);
        foreach (var item in first)
        {
            yield return item;
        }

        var checkedAt = time.GetTimestamp();
        while (true)
        {
            if (time.GetElapsedTime(checkedAt) >= Recheck)
            {
                if (!await mayStill(cancellation))
                {
                    yield break;
                }

                checkedAt = time.GetTimestamp();
            }

            if (await NextAsync(subscription, either.Token) is not { } more)
            {
                // Keeps proxies from closing a silent connection, and finds out when the reader has gone.
                yield return new SseItem<string>("", "pulse");
            }
            else if (!more)
            {
                yield break;
            }

            var hints = new List<LiveHint>();
            while (subscription.Hints.TryRead(out var hint))
            {
                hints.Add(hint);
            }

            foreach (var item in hints.Count == 0 ? [] : await say(hints))
            {
                yield return item;
            }
        }
    }

    /// <summary>True when there are hints, false when there will be none, null when nothing came for a while.</summary>
    private async Task<bool?> NextAsync(LiveSubscription from, CancellationToken cancellation)
    {
        try
        {
            return await from.Hints.WaitToReadAsync(cancellation).AsTask().WaitAsync(Pulse, time, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
