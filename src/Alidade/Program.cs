using System.CommandLine;
using System.CommandLine.Invocation;
using Alidade.Commands;

var root = new RootCommand("Alidade runs, tracks and compares machine-learning experiments.")
{
    new ServeCommand(),
    new WorkerCommand(),
    new WorkerTokenCommand(),
    new ConfigCommand(),
    new BackupCommand(),
    new RestoreCommand(),
    new DemoCommand(),
    new RunCommand(),
    new SubmitCommand(),
    new ImportCommand(),
    new JobsCommand(),
    new QueuesCommand(),
    new QuotaCommand(),
    new WorkersCommand(),
    new LoginCommand(),
    new LogoutCommand(),
    new TokenCommand(),
    new SecretCommand(),
    new TrackCommand(),
    new ArtifactsCommand(),
    new TrashCommand(),
    new GcCommand(),
};
var parsed = root.Parse(args);

// A mistyped flag gets the sentence about it; the whole help would push that off the screen.
if (parsed.Action is ParseErrorAction mistake)
{
    mistake.ShowHelp = false;
    if (WrongValues.In(parsed) is { Count: > 0 } wrong)
    {
        wrong.ForEach(Console.Error.WriteLine);
        return 1;
    }
}

// The parser's own handler ends a command two seconds after a signal, too soon for one that drains.
var invocation = new InvocationConfiguration();
if (parsed.CommandResult.Command is IHandlesSignals)
{
    invocation.ProcessTerminationTimeout = null;
}

return await parsed.InvokeAsync(invocation);
