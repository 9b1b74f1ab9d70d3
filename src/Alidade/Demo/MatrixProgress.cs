using Alidade.Client;
using Spectre.Console;

namespace Alidade.Demo;

/// <summary>Waits for all jobs: a bar for each on a terminal, a line for each change elsewhere.</summary>
internal sealed class MatrixProgress(AlidadeClient client, IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <returns>The jobs as they ended, in the order given.</returns>
    public Task<Job[]> WaitAsync(IReadOnlyList<MatrixJob> jobs, CancellationToken cancellation) =>
        console.Profile.Capabilities.Interactive
            ? console
                .Progress()
                .Columns(
                    new TaskDescriptionColumn { Alignment = Justify.Left },
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new ElapsedTimeColumn()
                )
                .StartAsync(context =>
                    Task.WhenAll(
                        jobs.Select(job =>
                        {
                            var bar = context.AddTask(job.Title.EscapeMarkup());
                            return FollowAsync(job, view => Move(bar, job, view), cancellation);
                        })
                    )
                )
            : Task.WhenAll(jobs.Select(job => FollowAsync(job, Tell(job), cancellation)));

    private async Task<Job> FollowAsync(MatrixJob job, Action<JobView> show, CancellationToken cancellation)
    {
        while (true)
        {
            var view = new JobView(
                await client.Jobs.GetAsync(job.Id, cancellation),
                await client.Jobs.StepsAsync(job.Id, cancellation)
            );
            show(view);
            if (view.Job.Ended)
            {
                return view.Job;
            }

            await Task.Delay(Interval, time, cancellation);
        }
    }

    private static void Move(ProgressTask bar, MatrixJob job, JobView view)
    {
        bar.Value = view.Job.State == "finished" ? 100 : view.Done * 100;
        bar.Description = $"{job.Title.EscapeMarkup()}  [grey]{view.Doing.EscapeMarkup()}[/]";
        if (view.Job.Ended)
        {
            bar.StopTask();
        }
    }

    private Action<JobView> Tell(MatrixJob job)
    {
        var told = "";
        return view =>
        {
            if (view.Job.State != told)
            {
                told = view.Job.State;
                console.WriteLine($"{job.Title}: {view.Summary}");
            }
        };
    }

    private sealed record JobView(Job Job, IReadOnlyList<Step> Steps)
    {
        public double Done =>
            Steps.Count == 0 ? 0 : (double)Steps.Count(step => step.State == "finished") / Steps.Count;

        /// <summary>The running step, or the state.</summary>
        public string Doing =>
            Job.State == "running"
                ? Steps.FirstOrDefault(step => step.State == "running")?.Name ?? Job.State
                : Job.WaitingReason ?? Job.State;

        public string Summary =>
            Job switch
            {
                { State: "finished", DurationSeconds: { } seconds } => FormattableString.Invariant(
                    $"finished in {seconds:0.0} s"
                ),
                { Ended: true } => $"{Job.State}: {Job.Message ?? Job.Reason}",
                _ => Job.WaitingReason is { } reason ? $"{Job.State} ({reason})" : Job.State,
            };
    }
}
