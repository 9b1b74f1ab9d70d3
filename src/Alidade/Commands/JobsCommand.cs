using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Lists jobs, shows their logs and records, compares and cancels them, runs them again.</summary>
internal sealed class JobsCommand : ServerCommand
{
    public JobsCommand()
        : base("jobs", "List jobs, show their logs and records, compare and cancel them, run them again")
    {
        Subcommands.Add(List());
        Subcommands.Add(Log());
        Subcommands.Add(Record());
        Subcommands.Add(Compare());
        Subcommands.Add(Cancel());
        Subcommands.Add(Requeue());
    }

    private Command List()
    {
        var search = new Option<string?>("--search") { Description = "Terms such as status:failed" };
        var limit = new Option<int>("--limit")
        {
            Description = "How many, newest first",
            DefaultValueFactory = _ => 20,
        };
        var command = new Command("list", "The newest jobs") { search, limit };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var listing = new Listing(
                    parsed.GetValue(search),
                    SortBy: "id",
                    Descending: true,
                    PageLength: parsed.GetValue(limit)
                );
                var page = await client.Jobs.ListAsync(listing, cancellation);
                Show(
                    page.Data,
                    ("job", job => $"{job.Id}"),
                    ("state", job => job.State),
                    ("reason", job => job.Reason),
                    ("experiment", job => job.Experiment.Name),
                    ("entrypoint", job => job.Entrypoint.Name),
                    (
                        "seconds",
                        job => job.DurationSeconds is { } seconds ? FormattableString.Invariant($"{seconds:0.0}") : ""
                    ),
                    ("description", job => PrintableText.Title(job.Description))
                );
            }
        );
        return command;
    }

    private Command Log()
    {
        var id = JobArgument();
        var command = new Command("log", "A job's log; follows it while the job runs") { id };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var job = await client.Jobs.GetAsync(parsed.GetValue(id), cancellation);
                var ended = await new JobFollower(client, TimeProvider.System).FollowAsync(
                    job.Id,
                    new LogPrinter(Consoles.Out).Show,
                    text => Consoles.Error.MarkupLineInterpolated($"[yellow]{text}[/]"),
                    cancellation
                );
                if (ended.State == "finished")
                {
                    return 0;
                }

                // A job that never began has no line that says why.
                JobWatch.SayEnd(ended);
                return 1;
            }
        );
        return command;
    }

    private Command Record()
    {
        var id = JobArgument();
        var json = JsonOption();
        var command = new Command("record", "What shaped a job, and what it left") { id, json };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                if (parsed.GetValue(json))
                {
                    ShowJson(await client.Jobs.RecordJsonAsync(parsed.GetValue(id), cancellation));
                    return;
                }

                var record = await client.Jobs.RecordAsync(parsed.GetValue(id), cancellation);
                new RecordPrinter(Consoles.Out).Show(record);
            }
        );
        return command;
    }

    private Command Compare()
    {
        var id = JobArgument();
        var other = new Argument<long>("OTHER") { Description = "Number of the job to compare it with" };
        var command = new Command("compare", "Exactly what differs between two jobs") { id, other };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var (here, there) = (parsed.GetValue(id), parsed.GetValue(other));
                new RecordPrinter(Consoles.Out).Show(await client.Jobs.CompareAsync(here, there, cancellation));
            }
        );
        return command;
    }

    private Command Cancel()
    {
        var id = JobArgument();
        var command = new Command("cancel", "Ask for a job's end") { id };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                await client.Jobs.CancelAsync(parsed.GetValue(id), cancellation);
                var job = await client.Jobs.GetAsync(parsed.GetValue(id), cancellation);
                Consoles.Out.WriteLine($"job {job.Id} {job.State}");
            }
        );
        return command;
    }

    private Command Requeue()
    {
        var id = JobArgument();
        var command = new Command("requeue", "Run a job that has ended again") { id };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var job = await client.Jobs.RequeueAsync(parsed.GetValue(id), cancellation);
                Consoles.Out.WriteLine($"job {job.Id} {job.State}");
            }
        );
        return command;
    }

    private static Argument<long> JobArgument() => new("JOB") { Description = "Number of the job" };
}
