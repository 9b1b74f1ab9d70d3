using System.Collections.Concurrent;
using Alidade.Client;

namespace Alidade.EndToEnd.Tests.Faults;

/// <summary>Reads jobs while they run, and remembers what it was shown: that was acknowledged, and must stay.</summary>
internal sealed class Witness(AlidadeClient client)
{
    /// <summary>Jobs are begun in the order in which they came, so those that run now are among the first.</summary>
    private const int Window = 8;

    private readonly HashSet<long> _ended = [];
    private volatile int _endedCount;
    private readonly ConcurrentDictionary<long, IReadOnlyList<LogLine>> _lines = new();
    private readonly ConcurrentDictionary<long, double> _values = new();

    public int Lines => _lines.Values.Sum(lines => lines.Count);

    public int Points => _values.Count;

    /// <summary>How many jobs were seen at their end.</summary>
    public int Ended => _endedCount;

    public async Task WatchAsync(ConcurrentQueue<long> jobs, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                foreach (var job in jobs.Where(job => !_ended.Contains(job)).Take(Window))
                {
                    await LookAsync(job, cancellation);
                }

                await Task.Delay(50, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // It has seen enough.
        }
    }

    /// <summary>What was seen once is there at the end, as it was.</summary>
    public void Check(StormTests.Seen end, string where)
    {
        if (_lines.TryGetValue(end.Job.Id, out var seen))
        {
            Assert.Equal(seen, end.Lines.Take(seen.Count));
        }

        if (_values.TryGetValue(end.Job.Id, out var value))
        {
            // The last value goes back only when the job was begun again.
            Assert.True(end.Job.Attempts > 1 || end.Value >= value, $"{end.Value} after {value}: {where}");
        }
    }

    private async Task LookAsync(long job, CancellationToken cancellation)
    {
        try
        {
            var page = await client.Jobs.LogAsync(job, 0, cancellation: cancellation);
            _lines[job] = page.Lines;
            if (page.Complete)
            {
                _ended.Add(job);
                _endedCount = _ended.Count;
            }

            var metrics = await client.Jobs.MetricsAsync(job, cancellation);
            if (metrics.SingleOrDefault(metric => metric.Name == "beat") is { } metric)
            {
                _values[job] = metric.Value;
            }
        }
        catch (ApiException)
        {
            // The server is being started again.
        }
    }
}
