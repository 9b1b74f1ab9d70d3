using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Live;

/// <summary><c>/live</c>: server-sent events with hints of what moved.</summary>
public static class LiveApi
{
    private const int MostTopics = 200;

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
        LiveStream stream,
        CancellationToken cancellation
    )
    {
        var wanted = (topics ?? []).Distinct().ToList();
        if (wanted.Count is 0 or > MostTopics)
        {
            throw new InvalidInputException("topics", $"Name 1 to {MostTopics} topics, such as job/42.");
        }

        // A place at the hub comes before the present value, so that nothing falls between the two.
        var subscription = hub.Subscribe(wanted);
        try
        {
            var (now, groups) = await present.NowAsync(caller, wanted, cancellation);
            return stream.Answer(
                context,
                subscription,
                Items(now),
                hints => Task.FromResult(Items(hints)),
                groups,
                cancellation
            );
        }
        catch
        {
            subscription.Dispose();
            throw;
        }
    }

    private static IReadOnlyList<SseItem<string>> Items(IReadOnlyList<LiveHint> hints) =>
        [.. hints.Select(hint => new SseItem<string>(JsonSerializer.Serialize(hint, Json)))];
}
