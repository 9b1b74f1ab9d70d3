using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Alidade.Functions;

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
            parsed.GetName(_experiment),
            parsed.GetName(_queue),
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
        return await JobWatch.ShowAsync(client, job);
    }
}
