using System.CommandLine;
using System.Globalization;
using System.Net;
using Alidade.Cli;
using Alidade.Client;
using Alidade.Engine.Jobs;
using Spectre.Console;

namespace Alidade.Commands;

/// <summary>Files of runs, up and down.</summary>
internal sealed class ArtifactsCommand : ServerCommand
{
    private const int ShownPaths = 5;

    public ArtifactsCommand()
        : base("artifacts", "List the files of runs, send and fetch them, of any size")
    {
        Subcommands.Add(List());
        Subcommands.Add(Put());
        Subcommands.Add(Get());
    }

    private Command List()
    {
        var run = RunArgument();
        var json = JsonOption();
        var command = new Command("list", "The files of a run, those of its folders too") { run, json };
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var id = await IdAsync(client, parsed.GetRequiredValue(run), cancellation);
                var files = await client.Runs.FilesAsync(id, cancellation);
                if (parsed.GetValue(json))
                {
                    ShowJson(files);
                    return;
                }

                Show(
                    files,
                    ("path", file => file.Path),
                    ("size", file => Amounts.Readable(file.Size)),
                    ("type", file => file.MediaType)
                );
            }
        );
        return command;
    }

    private Command Put()
    {
        var run = RunArgument();
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
            run,
            async (_, files, id, parsed, cancellation) =>
            {
                var source = parsed.GetRequiredValue(file);
                RequireNoFolder(source);
                await using var content = source.OpenRead();
                var to = parsed.GetValue(path) ?? source.Name;
                var sha256 = await files.UploadAsync(id, to, content, cancellation);
                Consoles.Out.WriteLine($"{sha256}  {to}");
            }
        );
        return command;
    }

    private Command Get()
    {
        var run = RunArgument();
        var path = new Argument<string>("PATH") { Description = "The file in the run" };
        var to = new Option<FileInfo?>("--to") { Description = "Where to put it; its name here when left out" };
        var command = new Command("get", "Fetch a file; one that is here in part is gone on with") { run, path, to };
        Act(
            command,
            run,
            async (client, files, id, parsed, cancellation) =>
            {
                var from = parsed.GetRequiredValue(path);
                var target = parsed.GetValue(to) ?? new FileInfo(Path.GetFileName(from));
                RequireNoFolder(target);
                var arriving = target.FullName + ".part";
                try
                {
                    var sha256 = await FetchAsync(files, id, from, arriving, cancellation);
                    File.Move(arriving, target.FullName, overwrite: true);
                    Consoles.Out.WriteLine($"{sha256}  {target.Name}");
                }
                catch (ApiException problem)
                    when (problem.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
                {
                    throw await NoFileAsync(client, id, from, cancellation);
                }
                finally
                {
                    if (new FileInfo(arriving) is { Exists: true, Length: 0 })
                    {
                        File.Delete(arriving);
                    }
                }
            }
        );
        return command;
    }

    private static void RequireNoFolder(FileInfo file)
    {
        if (Directory.Exists(file.FullName))
        {
            throw new CommandException($"{file} is a folder; give a file.");
        }
    }

    private static async Task<string> FetchAsync(
        LargeFiles files,
        string run,
        string path,
        string into,
        CancellationToken cancellation
    )
    {
        await using var content = new FileStream(into, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        return await files.DownloadAsync(run, path, content, cancellation);
    }

    /// <summary>What there is instead of a file that is not there.</summary>
    private static async Task<CommandException> NoFileAsync(
        AlidadeClient client,
        string run,
        string path,
        CancellationToken cancellation
    )
    {
        var all = (await client.Runs.FilesAsync(run, cancellation)).Select(file => file.Path).ToList();
        var folder = path.Trim('/') + "/";
        var below = all.Where(file => file.StartsWith(folder, StringComparison.Ordinal)).ToList();
        var name = path[(path.LastIndexOf('/') + 1)..];
        var alike = all.Where(file => Path.GetFileNameWithoutExtension(file) == name || Path.GetFileName(file) == name);
        return new CommandException(
            below.Count > 0 ? $"{path} is a folder; give one of its files: {Listed(below)}."
            : alike.ToList() is { Count: > 0 } meant ? $"There is no file {path}. Did you mean {Listed(meant)}?"
            : all.Count > 0 ? $"There is no file {path}. There is {Listed(all)}."
            : $"There is no file {path}: the run has none."
        );
    }

    private static string Listed(List<string> paths) =>
        string.Join(", ", paths.Take(ShownPaths))
        + (paths.Count > ShownPaths ? $" and {paths.Count - ShownPaths} more" : "");

    private static Argument<string> RunArgument() => new("RUN") { Description = "Id of a run, or number of a job" };

    private void Act(
        Command command,
        Argument<string> run,
        Func<AlidadeClient, LargeFiles, string, ParseResult, CancellationToken, Task> work
    ) =>
        Act(
            command,
            async (client, parsed, cancellation) =>
            {
                var id = await IdAsync(client, parsed.GetRequiredValue(run), cancellation);
                try
                {
                    await work(client, new LargeFiles(client, TimeProvider.System), id, parsed, cancellation);
                }
                catch (Exception problem)
                    when (problem is IOException or InvalidDataException or UnauthorizedAccessException)
                {
                    throw new CommandException(problem.Message);
                }
            }
        );

    /// <summary>The id of a run is longer than any number.</summary>
    private static async Task<string> IdAsync(AlidadeClient client, string run, CancellationToken cancellation) =>
        long.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out var job)
            ? await client.Jobs.RunAsync(job, cancellation)
            : run;
}
