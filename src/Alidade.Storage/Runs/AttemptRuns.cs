using System.Security.Cryptography;
using System.Text;
using Alidade.Engine.Jobs;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// What an attempt recorded when another one begins: it goes to a run of its own below the job's, which begins anew. So a
/// job shows what its last attempt says, and nothing that was acknowledged is lost. Files stay where they are: the next
/// attempt may go on from them.
/// </summary>
public static class AttemptRuns
{
    /// <summary>
    /// The same for the same attempt: both stores are moved, whatever comes between. Clients choose ids of runs too, so who
    /// may not see the job's run must not be able to tell it.
    /// </summary>
    /// <param name="run">The job's own.</param>
    public static string IdOf(string run, long attempt) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"attempt {attempt} of {run}")))[..32];

    /// <summary>Makes room for another attempt of a job: the half in core.</summary>
    /// <returns>The run to which the series go, see <see cref="Metrics.SeriesMove"/>; null when no attempt began yet.</returns>
    internal static string? Keep(ITransaction tx, JobRow job, JobDetail detail)
    {
        var last = tx.First<AttemptRow>(
            "SELECT * FROM attempt WHERE job = @Id AND started IS NOT NULL ORDER BY id DESC LIMIT 1",
            new { job.Id }
        );
        if (last is null)
        {
            return null;
        }

        var kept = IdOf(detail.Run, last.Id);
        if (RunStore.Find(tx, kept) is null)
        {
            Move(tx, detail, Insert(tx, kept, last, RunStore.Find(tx, detail.Run)!));
        }

        return kept;
    }

    private static string Insert(ITransaction tx, string id, AttemptRow attempt, RunRow job)
    {
        RunStore.Insert(
            tx,
            job with
            {
                Id = id,
                Name = $"job {attempt.Job}, attempt {attempt.Number}",
                Parent = job.Id,
                Created = attempt.Granted,
                Started = attempt.Started,
                Ended = attempt.Ended ?? tx.Now,
                Status = Status(States.Attempt(attempt.State)),
            }
        );
        return id;
    }

    private static string Status(AttemptState state) =>
        state switch
        {
            AttemptState.Succeeded => "FINISHED",
            AttemptState.Cancelled => "KILLED",
            _ => "FAILED",
        };

    private static void Move(ITransaction tx, JobDetail detail, string kept)
    {
        tx.Execute("UPDATE run_result SET run = @Kept WHERE run = @Run", new { Kept = kept, detail.Run });
        var given = detail.Given;
        RunStore.SetGiven(tx, kept, given);
        foreach (var logged in RunStore.Logged(tx, detail.Run))
        {
            RunStore.SetParameter(tx, kept, logged.Name, logged.Value);
            RunStore.DeleteParameter(tx, detail.Run, logged.Name);
        }

        RunStore.SetGiven(tx, detail.Run, given);
    }
}
