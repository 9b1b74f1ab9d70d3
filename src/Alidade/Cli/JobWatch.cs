using Alidade.Client;
using Alidade.Commands;
using Spectre.Console;

namespace Alidade.Cli;

/// <summary>A job that was just submitted, on the terminal of who submitted it.</summary>
internal static class JobWatch
{
    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(10);

    /// <summary>Shows the job until it ends. Ctrl-C asks for its end once; the second one leaves it alone.</summary>
    public static async Task<int> ShowAsync(AlidadeClient client, Job job)
    {
        var notices = Consoles.Error;
        var page = $"{client.Server}jobs/{job.Id}";
        notices.MarkupLineInterpolated($"[grey]job {job.Id}  {page}[/]");
        using var signals = new StopSignals();
        var cancelling = Task.FromResult(false);
        using var asked = signals.Drain.Register(() =>
        {
            notices.MarkupLine("[yellow]cancelling the job; Ctrl-C again to leave it to itself[/]");
            cancelling = CancelAsync(client, job.Id, notices);
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
            // Who ends a program may send both signals at once, so the first is heard to its end.
            var does = await cancelling ? "was asked to end" : "goes on";
            notices.MarkupLineInterpolated($"[grey]job {job.Id} {does}: {page}[/]");
            return 130;
        }
    }

    /// <returns>Whether the server took it.</returns>
    private static async Task<bool> CancelAsync(AlidadeClient client, long job, IAnsiConsole notices)
    {
        try
        {
            using var limit = new CancellationTokenSource(CancelLimit);
            await client.Jobs.CancelAsync(job, limit.Token);
            return true;
        }
        catch (Exception problem) when (problem is ApiException or OperationCanceledException)
        {
            notices.MarkupLineInterpolated($"[red]The job could not be cancelled:[/] {problem.Message}");
            return false;
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

        SayEnd(job);
    }

    /// <summary>How it ended, and why.</summary>
    public static void SayEnd(Job job)
    {
        var duration = job.DurationSeconds is { } seconds ? FormattableString.Invariant($" in {seconds:0.00} s") : "";
        var why = string.IsNullOrEmpty(job.Message) ? job.Reason : job.Message;
        var reason = job.State == "finished" || string.IsNullOrEmpty(why) || why == job.State ? "" : $": {why}";
        Consoles.Error.MarkupLineInterpolated($"job {job.Id} {job.State}{duration}{reason}");
    }
}
