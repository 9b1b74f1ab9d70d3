using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Doctor;

/// <summary>The interpreter, by starting a template of it, and the isolation levels that the template has tried.</summary>
internal sealed class InterpreterExamination(WorkerOptions options, Backoff backoff, TimeProvider time, ILogger log)
{
    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellation)
    {
        await using var template = new Template(options, options.Python, "doctor", backoff, time, log);
        try
        {
            var ready = await template.StartAsync(cancellation);
            return [Python(ready), .. Preloads(ready), Environments(ready), Isolation(ready)];
        }
        catch (TemplateException e)
        {
            return
            [
                Finding.Bad(
                    "python",
                    $"{options.Python} cannot run jobs: {e.Message}",
                    "Name an interpreter of Python 3.9 or later with --python."
                ),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [Finding.Bad("python", $"It could not be tried: {e.Message}", "Mend the folder first.")];
        }
    }

    private static Finding Python(TemplateReady ready) =>
        Finding.Good("python", $"{ready.Python}, {ready.Executable}.");

    private IEnumerable<Finding> Preloads(TemplateReady ready)
    {
        var notes = Notes(ready, note => note.StartsWith("preload ", StringComparison.Ordinal));
        foreach (var note in notes)
        {
            const string fix = "Install it for this interpreter, or leave the preload out; jobs start without it.";
            yield return Finding.Fair("preload", $"{note}.", fix);
        }

        foreach (var note in Notes(ready, note => note.StartsWith("starts cold", StringComparison.Ordinal)))
        {
            const string fix =
                "Leave out the preload that starts threads or opens a GPU; jobs then start in milliseconds.";
            yield return Finding.Fair("preload", $"{note}.", fix);
        }

        if (options.Preloads.Count > 0 && notes.Count == 0 && ready.Warm)
        {
            yield return Finding.Good("preload", $"{string.Join(", ", options.Preloads)}.");
        }
    }

    private static Finding Environments(TemplateReady ready) =>
        ready.Pip
            ? Finding.Good("environments", "They can be made: venv and pip are there.")
            : Finding.Fair(
                "environments",
                "They cannot be made: the interpreter lacks venv, or both pip and ensurepip.",
                "On Debian and Ubuntu: apt-get install python3-venv python3-pip."
            );

    private Finding Isolation(TemplateReady ready)
    {
        var reasons = Notes(ready, note => note.StartsWith('L')).ToList();
        var best = ready.Levels[0];
        if (best == IsolationLevels.All[0])
        {
            return Finding.Good(
                "isolation",
                $"{best}: each job has namespaces, a file system and a call filter of its own."
            );
        }

        if (best == IsolationLevels.All[1])
        {
            const string works = "L1c: bubblewrap isolates each job, which costs it the start of an interpreter.";
            return Finding.Fair("isolation", $"{works} {string.Join(". ", reasons)}", IsolationAdvice.For(reasons));
        }

        var why = $"{best} is the best that works. {string.Join(". ", reasons)}";
        return options.AllowUnsandboxed
            ? Finding.Fair("isolation", why, IsolationAdvice.For(reasons))
            : Finding.Bad(
                "isolation",
                $"{why}. While the server has more than one user its jobs fail here.",
                IsolationAdvice.For(reasons)
            );
    }

    private static List<string> Notes(TemplateReady ready, Func<string, bool> which) =>
        [.. (ready.Notes ?? []).Where(which)];
}
