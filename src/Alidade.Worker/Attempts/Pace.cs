namespace Alidade.Worker.Attempts;

/// <summary>How long to wait before looking again: shortly after something came, longer the longer nothing comes.</summary>
internal sealed class Pace
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);
    private const double Growth = 1.25;

    private TimeSpan _next = Shortest;

    public void Active() => _next = Shortest;

    public TimeSpan Next()
    {
        var span = _next;
        _next = span * Growth < Longest ? span * Growth : Longest;
        return span;
    }
}
