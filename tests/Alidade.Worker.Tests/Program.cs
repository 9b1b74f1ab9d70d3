using Alidade.Worker.Tests.Fakes;
using Xunit.Runner.InProc.SystemConsole;

// Run by a test with `agent`, this is a worker agent in a process of its own, which the test may kill; otherwise it is
// the test runner.
return args is ["agent", var server, var data, var sharesFate]
    ? await AgentProcess.MainAsync(server, data, bool.Parse(sharesFate))
    : await ConsoleRunner.Run(args);
