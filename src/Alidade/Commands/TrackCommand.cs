using System.CommandLine;
using Alidade.Cli;
using Alidade.Functions;
using Alidade.Tracking;

namespace Alidade.Commands;

/// <summary>Any command as a tracked run.</summary>
internal sealed class TrackCommand : Command, IHandlesSignals
{
    private readonly Argument<string[]> _command = new("COMMAND")
    {
        Description = "What to run, after --",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string[]> _parameters = new("-P", "--parameter")
    {
        Description = "A parameter of the run; may be given many times",
        HelpName = "NAME=VALUE",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string> _experiment = new("--experiment")
    {
        Description = "Where the run belongs; made when it does not exist",
        DefaultValueFactory = _ => "Default",
    };
    private readonly Option<string> _name = new("--name") { Description = "Name of the run; drawn when left out" };
    private readonly Option<bool> _offline = new("--offline")
    {
        Description = "Ask no server; `alidade track sync` sends the run later",
    };
    private readonly Option<double> _wait = new("--wait")
    {
        Description = "Seconds that a silent server may hold up the start, and again the end",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 10,
    };
    private readonly Option<string> _spool = SpoolOption();
    private readonly Option<Uri> _server = ClientCommand.ServerOption();

    public TrackCommand()
        : base("track", "Run any command and record it: alidade track -- python train.py")
    {
        Arguments.Add(_command);
        _wait.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not >= 0)
            {
                result.AddError("--wait: give a number of seconds, not less than 0.");
            }
        });
        foreach (var option in new Option[] { _experiment, _name, _parameters, _offline, _wait, _spool, _server })
        {
            Options.Add(option);
        }

        Subcommands.Add(new TrackSyncCommand());
        SetAction(
            async (parsed, cancellation) =>
            {
                var server = parsed.GetRequiredValue(_server);
                return await ClientCommand.RunAsync(
                    server,
                    () =>
                        new Tracker(TimeProvider.System).RunAsync(
                            new TrackRequest(
                                parsed.GetRequiredValue(_command) is { Length: > 0 } command
                                    ? command
                                    : throw new CommandException(
                                        "Say what to run, after --: alidade track -- python train.py"
                                    ),
                                server,
                                parsed.GetName(_experiment),
                                parsed.GetValue(_name) is null ? null : parsed.GetName(_name),
                                ParameterValues.Split(parsed.GetRequiredValue(_parameters)),
                                parsed.GetValue(_offline),
                                TimeSpan.FromSeconds(Math.Min(parsed.GetValue(_wait), 3600)),
                                Path.GetFullPath(parsed.GetRequiredValue(_spool))
                            )
                        )
                );
            }
        );
    }

    public static Option<string> SpoolOption() =>
        new("--spool")
        {
            Description = "Where runs are kept until the server has them ($ALIDADE_SPOOL)",
            HelpName = "DIR",
            DefaultValueFactory = _ =>
                Environment.GetEnvironmentVariable("ALIDADE_SPOOL") is { Length: > 0 } folder ? folder : Spool.Home(),
        };
}
