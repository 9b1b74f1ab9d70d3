using System.Net;
using System.Text.Json.Nodes;
using Alidade.Server.Pages.Queues;
using Alidade.Server.Tests.Artifacts;
using Alidade.Server.Tests.Hosting;
using Alidade.Server.Tests.Jobs;
using Alidade.Server.Workers;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tests.Workers;

/// <summary>The slots of the last hour: who sees which, and how they are drawn.</summary>
public sealed class CapacityTests
{
    private const long Second = 1_000_000;
    private const long Now = 1_800_000_000 * Second;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.Postgres)]
    public async Task The_last_hour_is_what_was_seen_and_this_moment_for_groups_of_the_caller(Dialect dialect)
    {
        await using var world = await QueueWorld.StartAsync(dialect);
        var worker = await world.WorkerAsync("w", slots: 4);
        await world.SubmitAsync();
        await world.SubmitAsync();
        await world.Server.Service<CapacityService>().SampleAsync(CancellationToken.None);
        Assert.Single(await QueueWorld.ClaimAsync(worker, free: 1));

        var hour = await world.User.GetJsonAsync("/api/v1/workers/capacity");
        Assert.Equal(30, hour["intervalSeconds"]!.GetValue<double>());
        Assert.Equal((1, 4, 1), (Last(hour, "used"), Last(hour, "slots"), Last(hour, "waiting")));
        // The first look was at the start of the server, and the second one is of the same moment or of the next.
        Assert.InRange(hour["times"]!.AsArray().Count, 2, 4);
        var page = await world.User.GetStringAsync("/queues");
        Assert.Contains("now 1 of 4 in use and 1 jobs waiting", page, StringComparison.Ordinal);

        // Another's group has workers and jobs of its own.
        var lab = (await world.User.PostJsonAsync("/api/v1/groups", new { name = "lab" })).Id();
        var token = await world.User.PostJsonAsync("/api/v1/workerTokens", new { group = lab });
        using var other = await world.Server.NewWorkerAsync(token["token"]!.GetValue<string>());
        using var bob = await world.Server.SignInAsync("bob");
        Assert.Equal(4, Last(await bob.GetJsonAsync("/api/v1/workers/capacity"), "slots"));
        Assert.Equal(5, Last(await world.User.GetJsonAsync("/api/v1/workers/capacity"), "slots"));
        using var nobody = world.Server.NewClient();
        await nobody.GetJsonAsync("/api/v1/workers/capacity", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public void Values_hold_until_the_next_look_and_a_time_when_nobody_looked_is_a_gap()
    {
        var plot = CapacityPlot.Of(Hour([-3615, -3585, -1800, -1770, 0], [1, 3, 2, 2, 4]));
        Assert.Equal((4, 1), (plot.Top, plot.Step));
        Assert.Equal([0, 1, 2, 3, 4], plot.Grid);
        Assert.Equal("M0 72H15V24M1800 48H1830V48M3600 0", plot.Line(plot.Hour.Used));
        Assert.Equal("M0 72H15V24V96H0ZM1800 48H1830V48V96H1800ZM3600 0V96H3600Z", plot.Area(plot.Hour.Used));
    }

    [Theory]
    [InlineData(0, 4, 1)]
    [InlineData(27, 30, 10)]
    [InlineData(32, 40, 10)]
    [InlineData(400, 400, 100)]
    [InlineData(1_000_001, 1_500_000, 500_000)]
    public void The_scale_is_round_and_holds_the_greatest_value(long most, long top, long step)
    {
        var plot = CapacityPlot.Of(Hour([0], [most]));
        Assert.Equal((top, step), (plot.Top, plot.Step));
    }

    private static CapacityView Hour(long[] seconds, long[] used) =>
        new(
            30,
            [.. seconds.Select(s => Now + (s * Second))],
            used,
            [.. used.Select(_ => 0L)],
            [.. used.Select(_ => 0L)]
        );

    private static long Last(JsonNode hour, string column) => hour[column]!.AsArray()[^1]!.GetValue<long>();
}
