using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Metrics;

/// <summary><c>/series</c>: points of many series for charts, of one to its end, and as they come.</summary>
public static class SeriesApi
{
    public static void MapSeriesApi(this IEndpointRouteBuilder api)
    {
        var series = api.MapGroup("/series").WithTags("series");
        series
            .MapGet("", Chart)
            .WithSummary("Series of many jobs and runs, thinned for a chart, or what has come since a cursor")
            .Produces<SeriesAnswer>();
        series.MapGet("/points", Page).WithSummary("Every point of a series, in pages").Produces<SeriesAnswer>();
        series
            .MapGet("/live", SeriesLive.Follow)
            .WithSummary("Follow series: their points as they come, as server-sent events");
    }

    private static async Task<IResult> Chart(
        [AsParameters] SeriesQuestion question,
        Caller caller,
        SeriesService service,
        CancellationToken cancellation
    )
    {
        var binary = IsBinary(question.Format);
        return Answer(await service.ChartAsync(caller, question, cancellation), binary);
    }

    private static async Task<IResult> Page(
        [AsParameters] PointsQuestion question,
        Caller caller,
        SeriesService service,
        CancellationToken cancellation
    )
    {
        var binary = IsBinary(question.Format);
        return Answer(await service.PageAsync(caller, question, cancellation), binary);
    }

    private static IResult Answer(SeriesAnswer answer, bool binary) =>
        binary ? new BinarySeries(answer) : TypedResults.Ok(answer);

    private static bool IsBinary(string? format) =>
        format switch
        {
            null or "json" => false,
            "binary" => true,
            _ => throw new InvalidInputException("format", "Must be json or binary."),
        };
}
