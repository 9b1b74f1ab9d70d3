namespace Alidade.Worker.Protocol;

/// <summary>
/// Waits between tries: a random part of a span that doubles with each failure, so that many workers do not come back
/// at the same moment, and never more than a minute, so that none goes silent for ever.
/// </summary>
internal sealed class Backoff(TimeProvider time, Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(60);

    /// <param name="failures">How many tries have failed before this wait, at least 1.</param>
    /// <param name="asked">What the server asked for; obeyed up to the longest wait.</param>
    public TimeSpan Span(int failures, TimeSpan? asked = null)
    {
        var ceiling = Math.Min(Most.Ticks, First.Ticks * Math.Pow(2, Math.Min(failures - 1, 20)));
        var span = TimeSpan.FromTicks((long)(ceiling * random.NextDouble()));
        return asked is { } least ? TimeSpan.FromTicks(Math.Clamp(least.Ticks, span.Ticks, Most.Ticks)) : span;
    }

    public Task DelayAsync(int failures, TimeSpan? asked, CancellationToken cancellation) =>
        Task.Delay(Span(failures, asked), time, cancellation);

    /// <summary>Moves a regular interval by up to a fifth, so that a fleet does not march in step.</summary>
    public TimeSpan Spread(TimeSpan interval) => interval * (0.8 + (0.4 * random.NextDouble()));
}
