using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Microsoft.AspNetCore.Http.Features;

namespace Alidade.Server.Live;

/// <summary><c>/live</c>: server-sent events with hints of what moved.</summary>
public static class LiveApi
{
    private const int MostTopics = 200;
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(15);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static void MapLiveApi(this IEndpointRouteBuilder api) =>
        api.MapGet("/live", Follow).WithTags("live").WithSummary("Follow jobs and experiments: hints as they move");

    private static async Task<IResult> Follow(
        HttpContext context,
        string[]? topics,
        Caller caller,
        LiveTopics present,
        LiveHub hub,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        var wanted = (topics ?? []).Distinct().ToList();
        if (wanted.Count is 0 or > MostTopics)
        {
            throw new InvalidInputException("topics", $"Name 1 to {MostTopics} topics, such as job/42.");
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.Headers.CacheControl = "no-store";
        // A place at the hub comes before the present value, so that nothing falls between the two.
        var subscription = hub.Subscribe(wanted);
        try
        {
            var now = await present.NowAsync(caller, wanted, cancellation);
            return TypedResults.ServerSentEvents(HintsAsync(subscription, now, time, cancellation));
        }
        catch
        {
            subscription.Dispose();
            throw;
        }
    }

    private static async IAsyncEnumerable<SseItem<string>> HintsAsync(
        LiveSubscription subscription,
        IReadOnlyList<LiveHint> now,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        using var ending = subscription;
        foreach (var hint in now)
        {
            yield return Item(hint);
        }

        while (true)
        {
            if (await NextAsync(subscription, time, cancellation) is not { } more)
            {
                // Keeps proxies from closing a silent connection, and finds out when the reader has gone.
                yield return new SseItem<string>("", "pulse");
            }
            else if (!more)
            {
                yield break;
            }

            while (subscription.Hints.TryRead(out var hint))
            {
                yield return Item(hint);
            }
        }
    }

    /// <summary>True when there are hints, false when there will be none, null when nothing came for a while.</summary>
    private static async Task<bool?> NextAsync(LiveSubscription from, TimeProvider time, CancellationToken cancellation)
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

    private static SseItem<string> Item(LiveHint hint) => new(JsonSerializer.Serialize(hint, Json));
}
