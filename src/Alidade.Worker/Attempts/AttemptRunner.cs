using Alidade.Engine.Protocol;
using Alidade.Worker.Environments;
using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;
using Alidade.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Attempts;

/// <summary>Takes an attempt from its grant, or from where an earlier agent left it, to the server's final answer.</summary>
internal sealed class AttemptRunner(
    AttemptTable attempts,
    AttemptLayout layout,
    SpareFolders spare,
    SecretPlace secrets,
    Templates templates,
    ReliableServer server,
    ArtifactUploader artifacts,
    NextJob next,
    Backoff backoff,
    TimeProvider time,
    ILogger log
)
{
    private static readonly TimeSpan SupervisorLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <param name="stop">The agent leaves; what runs goes on, and what has not begun is given back.</param>
    public Task BeginAsync(Attempt attempt, Grant grant, CancellationToken stop) =>
        HoldAsync(
            attempt,
            async cancellation =>
            {
                try
                {
                    var verdict = await LaunchAsync(attempt, grant, cancellation);
                    await NewFollower(attempt).RunAsync(verdict, cancellation);
                }
                catch (TemplateException e) when (e.MayHaveLaunched)
                {
                    // The template died with the order in its hands: no fault of the job, which may begin elsewhere.
                    log.NotBegun(attempt.Id, attempt.Job, e.Message);
                    await ReleaseAsync(attempt, cancellation);
                }
            },
            stop
        );

    public Task ResumeAsync(Attempt attempt, CancellationToken stop) =>
        HoldAsync(
            attempt,
            async cancellation =>
            {
                log.Resumed(attempt.Id, attempt.Job);
                if (attempt.Folder.HasExit || await FindSupervisorAsync(attempt, cancellation))
                {
                    attempt.Phase = Phase.Running;
                    await NewFollower(attempt).RunAsync(null, cancellation);
                }
                else
                {
                    await ReleaseAsync(attempt, cancellation);
                }
            },
            stop
        );

    /// <returns>How it ended, when it did not begin; otherwise null.</returns>
    private async Task<ExitFile?> LaunchAsync(Attempt attempt, Grant grant, CancellationToken cancellation)
    {
        try
        {
            var isolation = layout.Introduce(grant, attempt);
            await layout.FillAsync(grant, attempt.Folder, cancellation);
            if (attempt.IsCancelled)
            {
                return ExitFile.Of("cancelled", null, "Cancelled before it began.");
            }

            var environment = await PrepareAsync(attempt, grant, cancellation);
            attempt.Phase = Phase.Launching;
            await LaunchAsync(attempt, environment, isolation, cancellation);
            attempt.Phase = Phase.Running;
            return null;
        }
        catch (OperationCanceledException) when (attempt.IsCancelled && !cancellation.IsCancellationRequested)
        {
            return ExitFile.Of("cancelled", null, "Cancelled before it began.");
        }
        catch (Exception e)
            when (e
                    is GrantRefusedException
                        or EnvironmentException
                        or TemplateException { MayHaveLaunched: false }
                        or InvalidDataException
                        or IOException
                || e is ServerException { Refusal: Refusal.Rejected }
            )
        {
            log.NotBegun(attempt.Id, attempt.Job, e.Message);
            return ExitFile.Of("failed", "env_setup", $"The worker could not begin the job: {e.Message}");
        }
    }

    /// <summary>Has the environment made while what is said about it goes to the job's log.</summary>
    /// <exception cref="OperationCanceledException">The job was cancelled meanwhile, or the agent leaves.</exception>
    private async Task<PreparedEnvironment> PrepareAsync(Attempt attempt, Grant grant, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, attempt.Cancelled);
        var lines = new PreparationLog(attempt.Folder, time);
        if (templates.PrepareAsync(attempt.Folder, lines.Say, either.Token) is not { } preparing)
        {
            return PreparedEnvironment.Own;
        }

        await NewFollower(attempt).SendWhileAsync(preparing, cancellation);
        var environment = await preparing;
        return grant.Isolation == IsolationLevels.Unsandboxed ? environment : Guarded(environment, attempt.Folder);
    }

    /// <summary>
    /// A template runs as the agent. What the plugins of somebody else have it import, or bring along to be run at the
    /// start of an interpreter, has no place there: it is started cold, behind the walls of the job.
    /// </summary>
    private static PreparedEnvironment Guarded(PreparedEnvironment environment, AttemptFolder folder)
    {
        if (!environment.IsMade)
        {
            return environment with { Preloads = [] };
        }

        folder.Write(folder.ReadAttempt()! with { Interpreter = environment.Interpreter });
        return environment with { IsCold = true };
    }

    private async Task LaunchAsync(
        Attempt attempt,
        PreparedEnvironment environment,
        Isolation isolation,
        CancellationToken cancellation
    )
    {
        try
        {
            var launched = await templates.LaunchAsync(attempt.Folder, environment, isolation, cancellation);
            attempt.HasLaunched(launched);
        }
        catch (TemplateException e) when (e.MayHaveLaunched)
        {
            if (!await FindSupervisorAsync(attempt, cancellation))
            {
                throw;
            }
        }
    }

    /// <summary>A supervisor whose birth nobody saw shows itself within moments, or is kept from beginning.</summary>
    private async Task<bool> FindSupervisorAsync(Attempt attempt, CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; waited < SupervisorLimit; waited += Tick)
        {
            if (attempt.Folder.ReadSupervisor() is { } file)
            {
                attempt.HasSupervisor(ProcessIdentity.From(file));
                return true;
            }

            await Task.Delay(Tick, time, cancellation);
        }

        if (attempt.Folder.Withdraw() is { } late)
        {
            attempt.HasSupervisor(ProcessIdentity.From(late));
            return true;
        }

        return false;
    }

    private async Task HoldAsync(Attempt attempt, Func<CancellationToken, Task> work, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, attempt.Forgotten);
        var isOver = false;
        try
        {
            await work(either.Token);
            isOver = true;
        }
        catch (OperationCanceledException) when (attempt.Forgotten.IsCancellationRequested)
        {
            log.Forgotten(attempt.Id, attempt.Job);
            isOver = true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await LeaveAsync(attempt);
        }
        catch (ServerException e) when (e.Refusal is Refusal.StaleAttempt or Refusal.Rejected)
        {
            log.Refused(attempt.Id, attempt.Job, e.Message);
            attempt.Forget();
            isOver = true;
        }
        catch (Exception e)
        {
            // A full disk, a bug: nothing is deleted, and the next start of the agent looks again. Until then the
            // attempt is not renewed, so the server hears that nobody follows it.
            log.Broken(e, attempt.Id, attempt.Job);
        }

        attempts.Remove(attempt);
        if (isOver)
        {
            await DeleteAsync(attempt);
        }
    }

    /// <summary>Gives back at once what never began, instead of leaving the server to wonder.</summary>
    private async Task LeaveAsync(Attempt attempt)
    {
        if (attempt.Supervisor is not null || attempt.Phase != Phase.Preparing)
        {
            return;
        }

        using var limit = new CancellationTokenSource(SupervisorLimit, time);
        try
        {
            await ReleaseAsync(attempt, limit.Token);
            await DeleteAsync(attempt);
        }
        catch (Exception e) when (e is OperationCanceledException or ServerException)
        {
            log.NotReleased(attempt.Id, attempt.Job, e.Message);
        }
    }

    private async Task ReleaseAsync(Attempt attempt, CancellationToken cancellation)
    {
        await server.SendAsync(
            (calls, session, token) => calls.ReleaseAsync(session, attempt.Id, attempt.Fence, token),
            cancellation
        );
        log.Released(attempt.Id, attempt.Job);
    }

    private async Task DeleteAsync(Attempt attempt)
    {
        for (var waited = TimeSpan.Zero; attempt.Supervisor?.IsAlive() == true && waited < KillLimit; waited += Tick)
        {
            await Task.Delay(Tick, time);
        }

        try
        {
            secrets.Delete(attempt.Id);
            var isOver = attempt.Folder.HasExit && !attempt.IsJudgedHere && attempt.Supervisor?.IsAlive() != true;
            if (!isOver || !spare.TryKeep(attempt.Folder.Path))
            {
                attempt.Folder.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.NotDeleted(attempt.Folder.Path, e.Message);
        }
    }

    private Follower NewFollower(Attempt attempt) => new(attempt, server, artifacts, next, backoff, time, log);
}
