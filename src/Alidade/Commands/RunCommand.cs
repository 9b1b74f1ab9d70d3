using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Alidade.Functions;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>A function of a Python file as a job, followed to its end.</summary>
internal sealed class RunCommand : Command, IHandlesSignals
{
    private readonly Argument<FileInfo> _file = new("FILE") { Description = "A Python file" };
    private readonly Option<string[]> _parameters = new("-P", "--parameter")
    {
        Description = "A parameter of the function; may be given many times",
        HelpName = "NAME=VALUE",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string?> _function = new("--function", "-f")
    {
        Description = "Which function of the file; needed when it has several",
    };
    private readonly Option<string> _experiment = new("--experiment")
    {
        Description = "Where the job belongs; made when it does not exist",
        DefaultValueFactory = _ => "Default",
    };
    private readonly Option<string> _queue = new("--queue")
    {
        Description = "Where the job waits; made when it does not exist",
        DefaultValueFactory = _ => "default",
    };
    private readonly Option<string?> _timeout = new("--timeout") { Description = "Limit such as 90s, 30m, 24h" };
    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Seeds random, numpy and torch; drawn when left out",
    };
    private readonly JobNeeds _needs = new();
    private readonly Option<string[]> _secrets = new("--secret")
    {
        Description = "A secret of the group that the job is given; may be repeated",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string[]> _dataFolders = new("--data-folder")
    {
        Description = "A data folder of the worker that the job is shown; may be repeated",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    public RunCommand()
        : base("run", "Run a function of a Python file as a job and follow it")
    {
        Arguments.Add(_file);
        Option[] own = [_parameters, _function, _experiment, _queue, _timeout, _seed];
        foreach (var option in (Option[])[.. own, .. _needs.Options, _dataFolders, _secrets, _server])
        {
            Options.Add(option);
        }

        SetAction(
            (parsed, cancellation) =>
            {
                var server = parsed.GetRequiredValue(_server);
                return ClientCommand.RunAsync(server, () => RunAsync(server, parsed, cancellation));
            }
        );
    }

    private async Task<int> RunAsync(Uri server, ParseResult parsed, CancellationToken cancellation)
    {
        var values = ParameterValues.Split(parsed.GetRequiredValue(_parameters));
        var function = FunctionFile.Read(parsed.GetRequiredValue(_file), parsed.GetValue(_function), values.Keys);
        ParameterValues.RequireReadable(function, values);

        using var client = ClientCommand.Connect(server);
        var user = await client.Users.CurrentAsync(cancellation);
        var needs = new FunctionNeeds(parsed.GetRequiredValue(_dataFolders), parsed.GetRequiredValue(_secrets));
        var published = await new FunctionPublisher(client, user.Groups[0].Id, needs).PublishAsync(
            function,
            parsed.GetRequiredValue(_experiment),
            parsed.GetRequiredValue(_queue),
            cancellation
        );
        var content = new JobContent(
            published.Queue,
            published.Entrypoint,
            values,
            Timeout: parsed.GetValue(_timeout),
            Seed: parsed.GetValue(_seed)
        );
        var job = await client.Experiments.SubmitAsync(
            published.Experiment,
            _needs.AddTo(content, parsed),
            cancellation
        );
        return await FollowAsync(client, job);
    }

    /// <summary>Shows the job until it ends. Ctrl-C asks for its end once; the second one leaves it alone.</summary>
    private static async Task<int> FollowAsync(AlidadeClient client, Job job)
    {
        var notices = Consoles.Error;
        notices.MarkupLineInterpolated($"[grey]job {job.Id}  {client.Server}jobs/{job.Id}[/]");
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
            notices.MarkupLineInterpolated($"[grey]job {job.Id} goes on: {client.Server}jobs/{job.Id}[/]");
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
            Consoles.Out.MarkupLineInterpolated($"[bold]{result.Name}[/] = {result.Value}");
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
