using System.CommandLine;
using Alidade.Cli;
using Alidade.Engine.Jobs;
using Alidade.Worker;

namespace Alidade.Commands;

/// <summary><c>alidade worker</c>: runs jobs for a server, on this machine.</summary>
internal sealed class WorkerCommand : Command, IHandlesSignals
{
    private const string TokenVariable = "ALIDADE_TOKEN";

    private readonly Option<Uri> _server = ClientCommand.ServerOption();
    private readonly Option<string?> _token = new("--token")
    {
        Description = $"Worker token from `alidade worker-token create`; better given as {TokenVariable}",
        HelpName = "TOKEN",
    };
    private readonly Option<string[]> _queues = new("--queue")
    {
        Description = "A queue to serve, * matches within a name (default: all the token allows)",
        HelpName = "NAME",
    };
    private readonly Option<int?> _slots = new("--slots") { Description = "Jobs at once (default: one per processor)" };
    private readonly Option<string[]> _labels = NamedValues.LabelOption(
        "What this worker has, for jobs that ask for it"
    );
    private readonly Option<double?> _cpu = new("--cpu")
    {
        Description = "Processors for jobs that ask for some (default: all of this machine)",
        HelpName = "NUMBER",
    };
    private readonly Option<string?> _memory = new("--memory")
    {
        Description = "Memory for jobs that ask for some, such as 16GiB (default: all of this machine)",
        HelpName = "AMOUNT",
    };
    private readonly Option<int?> _gpus = new("--gpus")
    {
        Description = "GPUs for jobs that ask for some (default: those of this machine)",
        HelpName = "NUMBER",
    };
    private readonly Option<string[]> _dataFolders = new("--data-folder")
    {
        Description = "A folder that jobs may be shown, read-only, at /data/NAME; may be given many times",
        HelpName = "NAME=PATH",
    };
    private readonly Option<string[]> _dataRoots = new("--data-root")
    {
        Description = "A folder below which the server may name further folders for jobs; may be given many times",
        HelpName = "DIR",
    };
    private readonly Option<DirectoryInfo?> _data = new("--data")
    {
        Description = "The worker's folder; give each worker its own",
        HelpName = "DIR",
    };
    private readonly Option<string?> _python = new("--python")
    {
        Description = "Interpreter that runs the jobs (default: /usr/bin/python3, or the first python3 on the path)",
        HelpName = "PATH",
    };
    private readonly Option<string?> _package = new("--python-package")
    {
        Description = "Folder of the Python package alidade (default: beside this program)",
        HelpName = "DIR",
    };
    private readonly Option<DirectoryInfo?> _wheels = new("--wheels")
    {
        Description = "Folder of wheels for the environments of jobs (default: the index pip is configured with)",
        HelpName = "DIR",
    };
    private readonly Option<string[]> _preloads = new("--preload")
    {
        Description = "Module to import once, so that jobs begin with it loaded",
        HelpName = "MODULE",
    };
    private readonly Option<string?> _highest = new("--isolation")
    {
        Description = "Best isolation level to use: L1, L1c or L0 (default: the best that works)",
        HelpName = "LEVEL",
    };
    private readonly Option<string?> _lowest = new("--least-isolation")
    {
        Description = "Do not start with less isolation than this",
        HelpName = "LEVEL",
    };
    private readonly Option<bool?> _network = new("--network")
    {
        Description = "Whether jobs have a network: true or false (default: only while the server has one user)",
    };
    private readonly Option<bool> _unsandboxed = new("--allow-unsandboxed")
    {
        Description = "Run jobs without a sandbox even when the server asks for one",
    };

    public WorkerCommand()
        : base("worker", "Run jobs for a server on this machine")
    {
        Option[] offers = [_labels, _cpu, _memory, _gpus, _dataFolders, _dataRoots];
        foreach (var option in (Option[])[_server, _token, _queues, _slots, .. offers, _data])
        {
            Offer(option);
        }

        foreach (
            var option in (Option[])[_python, _package, _wheels, _preloads, _highest, _lowest, _network, _unsandboxed]
        )
        {
            Offer(option);
        }

        Subcommands.Add(new WorkerDoctorCommand(Read));
        SetAction((parsed, _) => RunAsync(Read(parsed)));
    }

    /// <summary>The doctor takes the same options.</summary>
    private void Offer(Option option)
    {
        option.Recursive = true;
        Options.Add(option);
    }

    private static async Task<int> RunAsync(WorkerOptions options)
    {
        using var signals = new StopSignals();
        using var logging = LoggerFactory.Create(builder =>
            builder
                .AddSimpleConsole(console => console.SingleLine = true)
                .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        );
        var agent = new WorkerAgent(
            options,
            logging.CreateLogger<WorkerAgent>(),
            Console.WriteLine,
            TimeProvider.System
        );
        try
        {
            await agent.RunAsync(signals.Drain, signals.Leave);
            return 0;
        }
        catch (Exception e) when (e is WorkerOptionsException or WorkerStoppedException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e is WorkerOptionsException ? 2 : 1;
        }
    }

    private WorkerOptions Read(ParseResult parsed)
    {
        var defaults = new WorkerOptions
        {
            Server = parsed.GetRequiredValue(_server),
            Token = parsed.GetValue(_token) ?? Environment.GetEnvironmentVariable(TokenVariable) ?? "",
            DataFolder = parsed.GetValue(_data)?.FullName ?? DefaultFolder(),
        };
        return new WorkerOptions
        {
            Server = defaults.Server,
            Token = defaults.Token,
            DataFolder = defaults.DataFolder,
            Queues = parsed.GetValue(_queues) is { Length: > 0 } queues ? queues : defaults.Queues,
            Slots = parsed.GetValue(_slots) ?? defaults.Slots,
            Labels = NamedValues.Split(parsed.GetValue(_labels)),
            Cpu = parsed.GetValue(_cpu),
            Memory = parsed.GetValue(_memory) is { } memory ? Amounts.Bytes(memory) ?? -1 : null,
            Gpus = parsed.GetValue(_gpus),
            DataFolders = NamedValues.Paths(parsed.GetValue(_dataFolders)),
            DataRoots = [.. (parsed.GetValue(_dataRoots) ?? []).Select(Path.GetFullPath)],
            Python = parsed.GetValue(_python) ?? defaults.Python,
            PythonPackage = parsed.GetValue(_package) ?? defaults.PythonPackage,
            Wheels = parsed.GetValue(_wheels)?.FullName,
            Preloads = parsed.GetValue(_preloads) ?? [],
            HighestLevel = parsed.GetValue(_highest) ?? defaults.HighestLevel,
            LowestLevel = parsed.GetValue(_lowest) ?? defaults.LowestLevel,
            Network = parsed.GetValue(_network),
            AllowUnsandboxed = parsed.GetValue(_unsandboxed),
        };
    }

    private static string DefaultFolder() =>
        Path.Combine(
            Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
                ? home
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"),
            "alidade-worker"
        );
}
