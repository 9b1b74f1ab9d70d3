using System.CommandLine;
using Alidade.Commands;

var root = new RootCommand("Alidade runs, tracks and compares machine-learning experiments.")
{
    new ServeCommand(),
    new WorkerCommand(),
    new WorkerTokenCommand(),
    new ConfigCommand(),
    new DemoCommand(),
    new RunCommand(),
    new JobsCommand(),
    new LoginCommand(),
    new LogoutCommand(),
};
var parsed = root.Parse(args);

// The parser's own handler ends a command two seconds after a signal, too soon for one that drains.
var invocation = new InvocationConfiguration();
if (parsed.CommandResult.Command is IHandlesSignals)
{
    invocation.ProcessTerminationTimeout = null;
}

return await parsed.InvokeAsync(invocation);
