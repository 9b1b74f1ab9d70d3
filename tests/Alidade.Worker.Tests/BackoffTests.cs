using Alidade.Worker.Protocol;

namespace Alidade.Worker.Tests;

public sealed class BackoffTests
{
    private readonly Backoff _backoff = new(TimeProvider.System, new Random(1));

    [Fact]
    public void Waits_are_spread_over_a_growing_span_and_never_longer_than_a_minute()
    {
        var early = Enumerable.Range(0, 1000).Select(_ => _backoff.Span(1)).ToArray();
        var late = Enumerable.Range(0, 1000).Select(_ => _backoff.Span(10_000)).ToArray();
        Assert.All(early, span => Assert.InRange(span, TimeSpan.Zero, TimeSpan.FromMilliseconds(250)));
        Assert.All(late, span => Assert.InRange(span, TimeSpan.Zero, TimeSpan.FromSeconds(60)));
        Assert.Contains(late, span => span < TimeSpan.FromSeconds(10));
        Assert.Contains(late, span => span > TimeSpan.FromSeconds(50));
    }

    [Fact]
    public void What_the_server_asks_for_is_obeyed_within_the_same_limit()
    {
        Assert.Equal(TimeSpan.FromSeconds(7), _backoff.Span(1, TimeSpan.FromSeconds(7)));
        Assert.Equal(TimeSpan.FromSeconds(60), _backoff.Span(1, TimeSpan.FromHours(7)));
    }
}
