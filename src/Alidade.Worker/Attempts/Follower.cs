using System.Security.Cryptography;
using System.Text;
using Alidade.Engine.Protocol;
using Alidade.Worker.Protocol;
using Alidade.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Attempts;

/// <summary>
/// Brings one attempt's events and its end to the server. All it knows is on disk, so it may stop anywhere and another
/// agent goes on; it is done when the server has given a final answer about the attempt.
/// </summary>
internal sealed class Follower(
    Attempt attempt,
    ReliableServer server,
    ArtifactUploader artifacts,
    NextJob next,
    Backoff backoff,
    TimeProvider time,
    ILogger log
)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(8);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>The few events before may be sent again after a restart; a file for each short job costs more.</summary>
    private static readonly TimeSpan RememberAfter = TimeSpan.FromSeconds(1);

    private readonly AttemptFolder _folder = attempt.Folder;
    private readonly Pace _pace = new();
    private readonly long _began = time.GetTimestamp();

    /// <param name="verdict">How it ended, when it did not even begin.</param>
    public async Task RunAsync(ExitFile? verdict, CancellationToken cancellation)
    {
        using var events = new EventReader(_folder.Events);
        events.Seek(_folder.ReadAcknowledged());
        var exit = await FollowAsync(events, verdict, cancellation);
        attempt.Phase = Phase.Reporting;
        attempt.LetGo();
        await FinishAsync(events, exit, cancellation);
    }

    /// <summary>Brings what the agent itself writes to the server until <paramref name="work"/> is done.</summary>
    public async Task SendWhileAsync(Task work, CancellationToken cancellation)
    {
        using var events = new EventReader(_folder.Events);
        events.Seek(_folder.ReadAcknowledged());
        while (!work.IsCompleted)
        {
            await DrainAsync(events, cancellation);
            await Task.WhenAny(work, Task.Delay(BetweenLooks, time, cancellation));
        }

        await DrainAsync(events, cancellation);
    }

    private async Task<ExitFile> FollowAsync(EventReader events, ExitFile? verdict, CancellationToken cancellation)
    {
        var ending = new Ending(attempt, time);
        try
        {
            // The shortest jobs have ended by then, and all they said goes in one call.
            await Task.Delay(FirstLook, time, cancellation);
            while (true)
            {
                // Looked at before reading: what was written before the end is then read after it.
                var ended = verdict is not null || ending.HasCome();
                if (await DrainAsync(events, cancellation))
                {
                    _pace.Active();
                }
                else if (ended)
                {
                    return verdict ?? ending.Verdict();
                }
                else
                {
                    await Task.Delay(_pace.Next(), time, cancellation);
                }
            }
        }
        catch (Exception e) when (e is UnreportableException or InvalidDataException)
        {
            log.Unreportable(attempt.Id, attempt.Job, e.Message);
            attempt.Kill();
            return ending.Persist(ExitFile.Of("failed", "env_setup", e.Message));
        }
    }

    /// <summary>Sends all there is; false when there was nothing.</summary>
    private async Task<bool> DrainAsync(EventReader events, CancellationToken cancellation)
    {
        var any = false;
        while (events.Read() is { } batch)
        {
            any = true;
            await SendAsync(events, batch, cancellation);
        }

        return any;
    }

    private async Task SendAsync(EventReader events, EventBatch batch, CancellationToken cancellation)
    {
        if (batch.IsArtifact)
        {
            await artifacts.UploadAsync(_folder, batch.Lines, cancellation);
        }

        for (var failures = 0; ; )
        {
            var acknowledged = await SendAsync(batch, cancellation);
            if (acknowledged == batch.Last)
            {
                events.Accept(batch);
            }
            else if (acknowledged >= batch.First || acknowledged < batch.First - 1)
            {
                // It has fewer than it said, or more than this agent knows of: its number counts.
                events.Seek(acknowledged);
            }
            else
            {
                await backoff.DelayAsync(++failures, null, cancellation);
                continue;
            }

            if (time.GetElapsedTime(_began) > RememberAfter && !_folder.HasExit)
            {
                _folder.WriteAcknowledged(acknowledged);
            }

            return;
        }
    }

    private async Task<long> SendAsync(EventBatch batch, CancellationToken cancellation)
    {
        try
        {
            var reply = await server.SendAsync(
                (calls, session, token) =>
                    calls.SendEventsAsync(session, attempt.Id, attempt.Fence, batch.Lines, token),
                cancellation
            );
            return reply.AckedThrough;
        }
        catch (ServerException e) when (e is { Refusal: Refusal.EventsMissing, AckedThrough: { } acknowledged })
        {
            return acknowledged;
        }
        catch (ServerException e) when (e.Refusal is Refusal.Rejected)
        {
            throw new UnreportableException($"The server refused events {batch.First} to {batch.Last}: {e.Message}");
        }
    }

    private async Task FinishAsync(EventReader events, ExitFile exit, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                var request = Request(exit, events.Accepted);
                var reply = await server.SendAsync(
                    (calls, session, token) => calls.FinishAsync(session, attempt.Id, request, token),
                    cancellation
                );
                log.Ended(attempt.Id, attempt.Job, exit.Outcome, reply.State);
                next.Begin(reply.Grants);
                return;
            }
            catch (ServerException e) when (e is { Refusal: Refusal.EventsMissing, AckedThrough: { } acknowledged })
            {
                events.Seek(acknowledged);
                if (!await DrainAsync(events, cancellation))
                {
                    throw new ServerException(
                        Refusal.Rejected,
                        $"The server wants the events after {acknowledged} again, and they are deleted here."
                    );
                }
            }
        }
    }

    private FinishRequest Request(ExitFile exit, long lastEvent)
    {
        if (exit.LastEvent > lastEvent)
        {
            log.EventsLost(attempt.Id, attempt.Job, lastEvent, exit.LastEvent);
        }

        return new FinishRequest(
            attempt.Fence,
            Report(attempt),
            exit.Outcome,
            exit.Reason,
            exit.ExitCode,
            exit.Signal,
            exit.Message,
            exit.Traceback,
            exit.Step,
            lastEvent,
            exit.Started,
            exit.Ended,
            exit.PeakMemory,
            exit.CpuSeconds,
            next.IsWanted
        );
    }

    /// <summary>Follows from the attempt, so the same report has the same name after a restart too.</summary>
    private static string Report(Attempt attempt) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{attempt.Id}/{attempt.Fence}")))[..32];
}
