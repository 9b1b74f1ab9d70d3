using Alidade.Storage.Platform;
using Alidade.Storage.Workers;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>Queues and workers, with the slots of the last hour.</summary>
[Collection(nameof(PagesFixture))]
public sealed class QueuesPageTests(PagesFixture fixture)
{
    [Theory]
    [InlineData("light", 1280)]
    [InlineData("dark", 1920)]
    public async Task The_last_hour_is_drawn_over_the_whole_width_and_can_be_read_aloud(string theme, int width)
    {
        await fixture.Services.GetRequiredService<Stores>().Core.WriteAsync(AnHour);
        await using var watched = await fixture.OpenSignedInAsync(theme, width);
        await watched.GoAsync("/queues");
        var page = watched.Page;
        var chart = page.Locator("svg.capacity");
        await watched.ShootAsync($"queues-{theme}");

        Assert.Matches(
            "^Slots over the last hour: now .* at most 14 in use and 19 waiting\\.$",
            await chart.GetAttributeAsync("aria-label")
        );
        var whole = (await chart.BoundingBoxAsync())!;
        Assert.InRange(whole.Width, width - 350, width);
        var used = (await chart.Locator("path.capacity-used").BoundingBoxAsync())!;
        // A browser's box of a line has room for its corners: 1.5 px wide, with miters of up to four times half of that.
        const int corners = 2 * 3;
        Assert.InRange(used.Width, whole.Width * 0.95, whole.Width + corners + 1);
        Assert.InRange(used.Y, whole.Y - 2, whole.Y + 96);
        Assert.Equal(["in use", "waiting", "capacity"], await page.Locator(".capacity-key li").AllInnerTextsAsync());
        Assert.Empty(await Accessibility.ProblemsAsync(page));
        Assert.Empty(watched.Errors);
    }

    /// <summary>A pool whose workers are joined by others, and a queue that grows and shrinks.</summary>
    private static bool AnHour(ITransaction tx)
    {
        const int Looks = 120;
        for (var i = 0; i < Looks; i++)
        {
            var at = tx.Now - ((Looks - i) * CapacitySamples.Interval);
            var pool = new PoolSlots
            {
                Pool = 1,
                Used = 9 + (i * 7 % 6),
                Slots = i < 60 ? 16 : 24,
            };
            var queue = new GroupQueue { GroupId = 1, Waiting = i * 13 % 20 };
            CapacitySamples.Keep(tx, new CapacitySample(at, [pool], [queue]));
        }

        return true;
    }
}
