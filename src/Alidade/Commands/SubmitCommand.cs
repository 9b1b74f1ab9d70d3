using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Alidade.Functions;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>A job of an entrypoint that is there already, followed to its end.</summary>
internal sealed class SubmitCommand : Command, IHandlesSignals
{
    private readonly Argument<string> _entrypoint = new("ENTRYPOINT")
    {
        Description = "Name or number of the entrypoint",
    };
    private readonly Option<string[]> _parameters = new("-P", "--parameter")
    {
        Description = "A parameter of the entrypoint; may be given many times",
        HelpName = "NAME=VALUE",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string[]> _artifacts = new("--artifact")
    {
        Description = "The artifact for an artifact parameter, by its number; its newest snapshot if none is named",
        HelpName = ArtifactValues.Form,
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string> _experiment = new("--experiment")
    {
        Description = "Name or number of the experiment; the entrypoint must be in it",
        Required = true,
    };
    private readonly Option<string?> _queue = new("--queue")
    {
        Description = "Where the job waits (default: the entrypoint's queue, if it has one only)",
    };
    private readonly Option<string?> _description = new("--description")
    {
        Description = "Its first line names the job",
    };
    private readonly Option<string?> _timeout = new("--timeout") { Description = "Limit such as 90s, 30m, 24h" };
    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Seeds random, numpy and torch; drawn when left out",
    };
    private readonly Option<bool> _detach = new("--detach") { Description = "Print the job's number and leave" };
    private readonly JobNeeds _needs = new();
    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    public SubmitCommand()
        : base("submit", "Submit a job of an entrypoint and follow it")
    {
        Arguments.Add(_entrypoint);
        Option[] own = [_parameters, _artifacts, _experiment, _queue, _description, _timeout, _seed, _detach];
        foreach (var option in (Option[])[.. own, .. _needs.Options, _server])
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
        using var client = ClientCommand.Connect(server);
        var entrypoint = await client.Entrypoints.NamedAsync(
            "entrypoint",
            parsed.GetRequiredValue(_entrypoint),
            cancellation
        );
        var experiment = await client.Experiments.NamedAsync("experiment", parsed.GetName(_experiment), cancellation);
        var content = new JobContent(
            await QueueAsync(client, entrypoint, parsed.GetValue(_queue), cancellation),
            entrypoint.Id,
            ParameterValues.Split(parsed.GetRequiredValue(_parameters)),
            await ArtifactValues.ReadAsync(client, parsed.GetRequiredValue(_artifacts), cancellation),
            Timeout: parsed.GetValue(_timeout),
            Description: parsed.GetValue(_description),
            Seed: parsed.GetValue(_seed)
        );
        var job = await client.Experiments.SubmitAsync(experiment.Id, _needs.AddTo(content, parsed), cancellation);
        if (parsed.GetValue(_detach))
        {
            Consoles.Out.WriteLine($"{job.Id}");
            return 0;
        }

        return await JobWatch.ShowAsync(client, job);
    }

    private static async Task<long> QueueAsync(
        AlidadeClient client,
        Entrypoint entrypoint,
        string? named,
        CancellationToken cancellation
    ) =>
        named is not null ? (await client.Queues.NamedAsync("queue", named, cancellation)).Id
        : entrypoint.Queues is [var only] ? only.Id
        : throw new CommandException(
            entrypoint.Queues.Count == 0
                ? $"The entrypoint {entrypoint.Name} is registered to no queue."
                : $"Say --queue: {entrypoint.Name} may wait under {string.Join(", ", entrypoint.Queues.Select(q => q.Name))}."
        );
}
