using Alidade.Server.Configuration;
using Alidade.Server.Platform.Errors;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Server.Metrics;

/// <summary>
/// Takes points in, of as many metrics as a run may have: names made of a loop's counter would fill the store, and no page
/// could show them.
/// </summary>
public sealed class MetricIntake(ServerOptions options)
{
    private readonly int _most = options.Limits.MetricsOfRun;

    /// <summary>All of them or none.</summary>
    /// <param name="field">What the caller calls their names.</param>
    public void TakeAll(ITransaction tx, string run, MetricBatch points, string field)
    {
        var left = MetricWriter.Append(tx, run, points, _most);
        if (left.Count > 0)
        {
            throw new InvalidInputException(
                field,
                $"There is no room for '{left.Name}': a run has at most {_most} different metrics. "
                    + "Use one name, and the step for what counts up."
            );
        }
    }

    /// <summary>What there is room for: what a job has reported cannot be refused any more.</summary>
    /// <returns>What to tell the reader of the job's log, once for an attempt.</returns>
    public string? TakeSome(ITransaction tx, string run, long attempt, IReadOnlyList<MetricPoint> points)
    {
        var left = MetricWriter.Append(tx, run, points, _most);
        return left.Count > 0 && EventCursor.LeaveOut(tx, attempt, left.Count)
            ? $"The run has {_most} different metrics, the most it may have: points of further ones, such as "
                + $"'{left.Name}', are dropped. Use one name, and the step for what counts up."
            : null;
    }
}
