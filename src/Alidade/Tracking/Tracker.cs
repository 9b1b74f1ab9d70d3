using System.Text.Json;
using Alidade.Cli;
using Alidade.Client;
using Alidade.Server.Runs;

namespace Alidade.Tracking;

/// <summary>
/// Runs a command and records it. The command comes first: whatever fails around it is said on stderr, and its output,
/// signals and exit code are as without us.
/// </summary>
internal sealed class Tracker(TimeProvider time)
{
    private const int LongestExperiment = 255;
    private static readonly TimeSpan GitLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SurroundingsLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SurroundingsAfter = TimeSpan.FromSeconds(5);

    public async Task<int> RunAsync(TrackRequest request)
    {
        Check(request);
        CheckName("--experiment", request.Experiment, LongestExperiment);
        if (request.Name is not null)
        {
            CheckName("--name", request.Name, RunInput.LongestName);
        }

        using var signals = new PassedSignals();
        var git = await LimitedAsync(GitLimit, GitState.CaptureAsync);
        var record = Record(request, git);
        var credentials = ClientCommand.TokenOfEnvironment() ?? CredentialStore.OfUser().Find(request.Server);
        if (credentials is null && !request.Offline)
        {
            Say(
                $"you are not signed in to {ClientCommand.Shown(request.Server)} (alidade login); recording without it."
            );
        }

        using var client = new AlidadeClient(request.Server, credentials);
        var connection =
            request.Offline || credentials is null
                ? null
                : await ConnectAsync(client, credentials, record, request.Wait);
        record = record with { Token = connection?.TokenId };
        using var spool = Create(request.Spool, record, git);
        if (spool is null)
        {
            return await TrackedProcess.RunAsync(
                request.Command,
                new Dictionary<string, string?>(),
                signals,
                log: null
            );
        }

        var sender = new RunSender(client, spool, record, time);
        var run = connection is null ? null : await BeginAsync(sender, request.Server, request.Wait);
        if (run is null)
        {
            Mlruns.Create(spool.Mlruns, record);
        }

        return await RunAsync(
            request,
            record,
            spool,
            sender,
            signals,
            TrackedEnvironment.Of(request.Server, record, run, connection, spool)
        );
    }

    /// <summary>The end of a run that nobody saw.</summary>
    public static RunEnd Unseen(RunRecord record, TimeProvider time) =>
        new(
            "FAILED",
            Math.Max(record.Started, Now(time)),
            new Dictionary<string, string> { ["alidade.exit"] = "unknown" }
        );

    private async Task<int> RunAsync(
        TrackRequest request,
        RunRecord record,
        Spool spool,
        RunSender sender,
        PassedSignals signals,
        IReadOnlyDictionary<string, string?> environment
    )
    {
        using var ended = new CancellationTokenSource();
        var log = new LogSpooler(spool, time);
        var writing = log.RunAsync(ended.Token);
        var sending = request.Offline ? Task.CompletedTask : sender.FollowAsync(ended.Token);
        using var enough = new CancellationTokenSource(SurroundingsLimit, time);
        var surroundings = SaveSurroundingsAsync(spool, request.Command[0], enough.Token);
        var code = await TrackedProcess.RunAsync(request.Command, environment, signals, log);
        if (code != 0)
        {
            log.Say("ERROR", $"the command ended with {code}");
        }

        enough.CancelAfter(SurroundingsAfter);
        await ended.CancelAsync();
        try
        {
            await Task.WhenAll(surroundings, writing);
            spool.Save(End(code));
        }
        catch (IOException problem)
        {
            Say($"the end of the log could not be kept: {problem.Message}");
        }

        await FinishAsync(request, spool, sender, sending);
        return code;
    }

    private async Task FinishAsync(TrackRequest request, Spool spool, RunSender sender, Task sending)
    {
        try
        {
            await sending;
            using var limit = new CancellationTokenSource(request.Wait, time);
            if (!request.Offline && await sender.SendAsync(limit.Token))
            {
                return;
            }
        }
        catch (Exception problem) when (RunSender.IsPassing(problem) || problem is ApiException)
        {
            Say($"the server does not take the run now: {Reason(problem, request.Wait)}");
        }

        Say($"the run is kept in {spool.Folder}; send it with: alidade track sync");
    }

    private async Task<Connection?> ConnectAsync(
        AlidadeClient client,
        Credentials credentials,
        RunRecord record,
        TimeSpan wait
    )
    {
        try
        {
            using var limit = new CancellationTokenSource(wait, time);
            return await Connection.OpenAsync(client, credentials, $"alidade track {record.Id[..8]}", limit.Token);
        }
        catch (Exception problem) when (RunSender.IsPassing(problem) || problem is ApiException)
        {
            Say(
                $"{ClientCommand.Shown(record.Server)} does not answer; recording without it ({Reason(problem, wait)})"
            );
            return null;
        }
    }

    private async Task<Run?> BeginAsync(RunSender sender, Uri server, TimeSpan wait)
    {
        try
        {
            using var limit = new CancellationTokenSource(wait, time);
            var run = await sender.BeginAsync(limit.Token);
            Say($"{run.Name} in {run.ExperimentName}: {new Uri(server, run.Page)}");
            return run;
        }
        catch (Exception problem) when (RunSender.IsPassing(problem) || problem is ApiException)
        {
            Say($"{ClientCommand.Shown(server)} does not take the run; recording without it ({Reason(problem, wait)})");
            return null;
        }
    }

    /// <summary>What no server takes is refused before the command runs: its recording could never be sent.</summary>
    private static void Check(TrackRequest request)
    {
        foreach (var (name, value) in request.Parameters)
        {
            if (name.Length > RunWriter.LongestKey || name.Any(char.IsControl))
            {
                throw new CommandException(
                    $"-P {Shortened(name)}: a name has at most {RunWriter.LongestKey} characters, and no control characters."
                );
            }

            if (value.Length > RunWriter.LongestParameter)
            {
                throw new CommandException(
                    $"-P {name}: the value is longer than {RunWriter.LongestParameter} characters."
                );
            }
        }
    }

    private static void CheckName(string option, string name, int longest)
    {
        if (name.Length > longest || name.Any(char.IsControl))
        {
            throw new CommandException(
                $"{option}: a name has at most {longest} characters, and no control characters."
            );
        }
    }

    private static string Reason(Exception problem, TimeSpan wait) =>
        problem is OperationCanceledException
            ? $"not done within the {wait.TotalSeconds:0.###} s of --wait"
            : problem.Message;

    private static string Shortened(string name) => name.Length > 50 ? name[..50] + "..." : name;

    private RunRecord Record(TrackRequest request, GitState? git)
    {
        var tags = new Dictionary<string, string>
        {
            ["alidade.command"] = Fit(string.Join(' ', request.Command.Select(Quoted))),
            ["alidade.folder"] = Environment.CurrentDirectory,
            ["alidade.host"] = Surroundings.Host,
            ["mlflow.source.name"] = Fit(string.Join(' ', request.Command)),
            ["mlflow.source.type"] = "LOCAL",
            ["mlflow.user"] = Environment.UserName,
        };
        AddIfThere(tags, "mlflow.parentRunId", TrackedEnvironment.RunAround(request.Server));
        if (git is not null)
        {
            tags["mlflow.source.git.commit"] = git.Commit;
            tags["alidade.git.dirty"] = git.Diff is null ? "false" : "true";
            AddIfThere(tags, "mlflow.source.git.branch", git.Branch);
            AddIfThere(tags, "mlflow.source.git.repoURL", git.Remote);
            AddIfThere(
                tags,
                "alidade.git.untracked",
                git.Untracked.Count == 0 ? null : Fit(string.Join('\n', git.Untracked))
            );
        }

        return new RunRecord(
            Guid.NewGuid().ToString("N"),
            request.Server,
            request.Experiment,
            request.Name,
            Now(time),
            request.Parameters,
            tags
        );
    }

    private RunEnd End(int code) =>
        new(
            code switch
            {
                0 => "FINISHED",
                // Ended by a signal, as shells count it.
                > 128 and < 160 => "KILLED",
                _ => "FAILED",
            },
            Now(time),
            new Dictionary<string, string> { ["alidade.exit"] = $"{code}" }
        );

    private static Spool? Create(string home, RunRecord record, GitState? git)
    {
        try
        {
            var spool = Spool.Create(home, record);
            if (git?.Diff is { } diff)
            {
                File.WriteAllBytes(Path.Combine(spool.Files, "git-diff.patch"), diff);
            }

            return spool;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Say($"nothing is recorded, since {home} cannot be written: {problem.Message}");
            return null;
        }
    }

    private static async Task SaveSurroundingsAsync(Spool spool, string program, CancellationToken enough)
    {
        var found = await Surroundings.CaptureAsync(program, enough);
        await File.WriteAllTextAsync(
            Path.Combine(spool.Files, "environment.json"),
            found.ToJsonString(new JsonSerializerOptions { WriteIndented = true }),
            CancellationToken.None
        );
    }

    private async Task<T?> LimitedAsync<T>(TimeSpan most, Func<CancellationToken, Task<T?>> work)
        where T : class
    {
        using var limit = new CancellationTokenSource(most, time);
        return await work(limit.Token);
    }

    private static void AddIfThere(Dictionary<string, string> tags, string name, string? value)
    {
        if (value is not null)
        {
            tags[name] = Fit(value);
        }
    }

    private static string Quoted(string word) =>
        word.Length > 0
        && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,@%+".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>As much as a tag holds.</summary>
    private static string Fit(string text) => text.Length <= 5000 ? text : text[..5000];

    private static long Now(TimeProvider time) => (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    private static void Say(string text) => Console.Error.WriteLine("alidade: " + text);
}
