using Alidade.Client;
using Alidade.Commands;
using Spectre.Console;

namespace Alidade.Cli;

/// <summary>A job that was just submitted, on the terminal of who submitted it.</summary>
internal static class JobWatch
{
    /// <summary>Shows the job until it ends. Ctrl-C asks for its end once; the second one leaves it alone.</summary>
    public static async Task<int> ShowAsync(AlidadeClient client, Job job)
    {
        var notices = Consoles.Error;
        var page = $"{client.Server}jobs/{job.Id}";
        notices.MarkupLineInterpolated($"[grey]job {job.Id}  {page}[/]");
        using var signals = new StopSignals();
        using var asked = signals.Drain.Register(() =>
        {
            notices.MarkupLine("[yellow]cancelling the job; Ctrl-C again to leave it to itself[/]");
            _ = CancelAsync(client, job.Id, notices, signals.Leave);
        });
        var printer = new LogPrinter(Consoles.Out);
        try
        {
            var ended = await new JobFollower(client, TimeProvider.System).FollowAsync(
                job.Id,
                printer.Show,
                text => notices.MarkupLineInterpolated($"[yellow]{text}[/]"),
                signals.Leave
            );
            await PrintResultsAsync(client, ended, signals.Leave);
            return ended.State == "finished" ? 0 : 1;
        }
        catch (OperationCanceledException) when (signals.Leave.IsCancellationRequested)
        {
            notices.MarkupLineInterpolated($"[grey]job {job.Id} goes on: {page}[/]");
            return 130;
        }
    }

    private static async Task CancelAsync(
        AlidadeClient client,
        long job,
        IAnsiConsole notices,
        CancellationToken cancellation
    )
    {
        try
        {
            await client.Jobs.CancelAsync(job, cancellation);
        }
        catch (ApiException problem)
        {
            notices.MarkupLineInterpolated($"[red]The job could not be cancelled:[/] {problem.Message}");
        }
        catch (OperationCanceledException)
        {
            // The user left meanwhile.
        }
    }

    private static async Task PrintResultsAsync(AlidadeClient client, Job job, CancellationToken cancellation)
    {
        foreach (var result in await client.Jobs.ResultsAsync(job.Id, cancellation))
        {
            // As a text: of what is interpolated only texts are escaped.
            Consoles.Out.MarkupLineInterpolated($"[bold]{result.Name}[/] = {result.Value.ToString()}");
        }

        foreach (var metric in await client.Jobs.MetricsAsync(job.Id, cancellation))
        {
            Consoles.Out.MarkupLineInterpolated($"[bold]{metric.Name}[/] = {metric.Value}");
        }

        var duration = job.DurationSeconds is { } seconds ? FormattableString.Invariant($" in {seconds:0.00} s") : "";
        var why = string.IsNullOrEmpty(job.Message) ? job.Reason : job.Message;
        var reason = job.State == "finished" || string.IsNullOrEmpty(why) || why == job.State ? "" : $": {why}";
        Consoles.Error.MarkupLineInterpolated($"job {job.Id} {job.State}{duration}{reason}");
    }
}
