using System.CommandLine;
using Alidade.Cli;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Files of runs, up and down.</summary>
internal sealed class ArtifactsCommand : ServerCommand
{
    public ArtifactsCommand()
        : base("artifacts", "Send files to runs and fetch them, of any size")
    {
        Subcommands.Add(Put());
        Subcommands.Add(Get());
    }

    private Command Put()
    {
        var run = new Argument<string>("RUN") { Description = "Id of the run" };
        var file = new Argument<FileInfo>("FILE") { Description = "What to send" };
        var path = new Option<string?>("--path")
        {
            Description = "Where it will be in the run; its name when left out",
        };
        var command = new Command("put", "Send a file; a cut connection is taken up where it broke")
        {
            run,
            file,
            path,
        };
        Act(
            command,
            async (files, parsed, cancellation) =>
            {
                var source = parsed.GetRequiredValue(file);
                await using var content = source.OpenRead();
                var to = parsed.GetValue(path) ?? source.Name;
                var sha256 = await files.UploadAsync(parsed.GetRequiredValue(run), to, content, cancellation);
                Consoles.Out.WriteLine($"{sha256}  {to}");
            }
        );
        return command;
    }

    private Command Get()
    {
        var run = new Argument<string>("RUN") { Description = "Id of the run" };
        var path = new Argument<string>("PATH") { Description = "The file in the run" };
        var to = new Option<FileInfo?>("--to") { Description = "Where to put it; its name here when left out" };
        var command = new Command("get", "Fetch a file; one that is here in part is gone on with") { run, path, to };
        Act(
            command,
            async (files, parsed, cancellation) =>
            {
                var from = parsed.GetRequiredValue(path);
                var target = parsed.GetValue(to) ?? new FileInfo(Path.GetFileName(from));
                var arriving = target.FullName + ".part";
                string sha256;
                await using (var content = new FileStream(arriving, FileMode.OpenOrCreate, FileAccess.ReadWrite))
                {
                    sha256 = await files.DownloadAsync(parsed.GetRequiredValue(run), from, content, cancellation);
                }

                File.Move(arriving, target.FullName, overwrite: true);
                Consoles.Out.WriteLine($"{sha256}  {target.Name}");
            }
        );
        return command;
    }

    private void Act(Command command, Func<LargeFiles, ParseResult, CancellationToken, Task> work) =>
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                try
                {
                    await work(new LargeFiles(client, TimeProvider.System), parsed, cancellation);
                }
                catch (Exception problem) when (problem is IOException or InvalidDataException)
                {
                    throw new CommandException(problem.Message);
                }
            }
        );
}
