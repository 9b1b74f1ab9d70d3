using System.Net.ServerSentEvents;
using System.Text.Json;
using Alidade.Server.Live;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Alidade.Server.Metrics;

/// <summary>
/// Series as server-sent events: what has come since the cursor, then what comes. The id of an event is the next cursor,
/// so that a browser that connects again goes on where it was.
/// </summary>
internal static class SeriesLive
{
    private const string LastEvent = "Last-Event-ID";

    public static async Task<IResult> Follow(
        [AsParameters] SeriesQuestion question,
        HttpContext context,
        Caller caller,
        SeriesService service,
        Stores stores,
        LiveHub hub,
        LiveStream stream,
        IOptions<JsonOptions> json,
        CancellationToken cancellation
    )
    {
        var window = SeriesService.Window(question);
        if (question.Format is not (null or "json"))
        {
            throw new InvalidInputException("format", "Events are JSON.");
        }

        var targets = await SeriesTargets.FindAsync(
            stores,
            caller,
            question.Jobs ?? [],
            question.Runs ?? [],
            cancellation
        );
        var cursor = context.Request.Headers.TryGetValue(LastEvent, out var last) ? last.ToString() : question.Cursor;
        // A place at the hub comes before the first answer, so that nothing falls between the two.
        var subscription = hub.Subscribe([.. targets.Select(t => t.Topic)]);
        try
        {
            var first = await NextAsync(cancellation);
            return stream.Answer(
                context,
                subscription,
                first,
                hints => hints.Any(h => h.Metrics is not null) ? NextAsync(cancellation) : Nothing,
                [.. targets.Select(t => t.Group).Distinct()],
                cancellation
            );
        }
        catch
        {
            subscription.Dispose();
            throw;
        }

        async Task<IReadOnlyList<SseItem<string>>> NextAsync(CancellationToken c)
        {
            var before = cursor;
            var answer = await service.AnswerAsync(targets, question.Names ?? [], window, before, c);
            cursor = answer.Cursor;
            return before is not null && answer.Series.Count == 0
                ? []
                :
                [
                    new SseItem<string>(JsonSerializer.Serialize(answer, json.Value.SerializerOptions), "series")
                    {
                        EventId = cursor,
                    },
                ];
        }
    }

    private static Task<IReadOnlyList<SseItem<string>>> Nothing => Task.FromResult<IReadOnlyList<SseItem<string>>>([]);
}
