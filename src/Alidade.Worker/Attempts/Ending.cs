using System.Globalization;

namespace Alidade.Worker.Attempts;

/// <summary>Finds out whether an attempt has ended, and how: by its <c>exit.json</c>, or by its process being gone.</summary>
internal sealed class Ending(Attempt attempt, TimeProvider time)
{
    /// <summary>A job that ends says so by a file, which is cheap to look for; only one that is killed is found by this.</summary>
    private static readonly TimeSpan BetweenLooksAtProcess = TimeSpan.FromMilliseconds(100);

    /// <summary>The supervisor's own grace is 10 s; one that needs much longer does not work any more.</summary>
    private static readonly TimeSpan LongestCancel = TimeSpan.FromSeconds(40);

    /// <summary>What a supervisor has forked hears of its end a moment later, and may write until then.</summary>
    private static readonly TimeSpan UntilAllHasEnded = TimeSpan.FromMilliseconds(100);

    private bool _seenAlive = attempt.WasLaunchedHere;
    private long? _gone;
    private long _looked;

    public bool HasCome()
    {
        if (attempt.SinceCancel > LongestCancel)
        {
            attempt.Kill();
        }

        if (attempt.Folder.HasExit)
        {
            return true;
        }

        if (_seenAlive && time.GetElapsedTime(_looked) < BetweenLooksAtProcess)
        {
            return false;
        }

        // The process first: one that is gone has written its exit.json before, if it wrote any.
        _looked = time.GetTimestamp();
        var alive = attempt.Supervisor?.IsAlive() ?? false;
        _seenAlive |= alive;
        if (alive || attempt.Folder.HasExit)
        {
            return attempt.Folder.HasExit;
        }

        _gone ??= _looked;
        return time.GetElapsedTime(_gone.Value) >= UntilAllHasEnded;
    }

    public ExitFile Verdict() => attempt.Folder.ReadExit() ?? Persist(WithoutExit());

    /// <summary>Keeps the verdict for an agent that starts before the server has taken it.</summary>
    public ExitFile Persist(ExitFile verdict)
    {
        attempt.Folder.Write(verdict);
        attempt.IsJudgedHere = true;
        return verdict;
    }

    private ExitFile WithoutExit() =>
        attempt switch
        {
            { IsFenced: true } => ExitFile.Of(
                "lost",
                "killed",
                "The worker could not reach the server and ended the job before it was given to another worker."
            ),
            { IsCancelled: true } => ExitFile.Of("cancelled", null, "Cancelled; its supervisor had to be killed."),
            { Supervisor: { IsOfThisBoot: false } } => ExitFile.Of(
                "lost",
                "killed",
                "The worker's machine was started anew while the job ran."
            ),
            // Killed under the eyes of this agent: nothing else went away, so the same would happen again.
            _ when _seenAlive => ExitFile.Of(
                "failed",
                "killed",
                $"The job's supervisor (process {Pid}) was killed; the job was ended with it."
            ),
            _ => ExitFile.Of("lost", "killed", $"The job's supervisor (process {Pid}) is gone and left no report."),
        };

    private string Pid => attempt.Supervisor?.Pid.ToString(CultureInfo.InvariantCulture) ?? "unknown";
}
