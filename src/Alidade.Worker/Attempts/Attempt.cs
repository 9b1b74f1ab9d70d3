using System.Security.Cryptography;
using Alidade.Engine.Protocol;
using Alidade.Worker.Processes;

namespace Alidade.Worker.Attempts;

/// <summary>Where an attempt stands, as renewals report it.</summary>
internal static class Phase
{
    public const string Preparing = "preparing";
    public const string Launching = "launching";
    public const string Running = "running";

    /// <summary>It has ended, and the server does not know all of it yet.</summary>
    public const string Reporting = "reporting";
}

/// <summary>
/// An attempt this worker holds. Renewals and the follower meet here: cancel and forget come from the one, the
/// process from the other, in any order.
/// </summary>
/// <param name="relaySecret">Proves that a call comes from this attempt's supervisor.</param>
internal sealed class Attempt(
    long id,
    long job,
    long fence,
    string relaySecret,
    AttemptFolder folder,
    TimeProvider time
) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _forgotten = new();
    private readonly CancellationTokenSource _cancellation = new();
    private ProcessIdentity? _supervisor;
    private Action? _letGo;
    private long _cancelled;

    public long Id { get; } = id;

    public long Job { get; } = job;

    public long Fence { get; } = fence;

    public string RelaySecret { get; } = relaySecret;

    public AttemptFolder Folder { get; } = folder;

    public string Phase { get; set; } = Attempts.Phase.Preparing;

    /// <summary>After this silence the server takes the job away; null where it did not say so for this job.</summary>
    public TimeSpan? LostAfter { get; init; }

    /// <summary>Cancelled when the attempt is not this worker's any more.</summary>
    public CancellationToken Forgotten => _forgotten.Token;

    /// <summary>Cancelled when the job is to end.</summary>
    public CancellationToken Cancelled => _cancellation.Token;

    public bool IsCancelled => Volatile.Read(ref _cancelled) != 0;

    /// <summary>Ended by the agent because it could not renew; another worker may have been given the job.</summary>
    public bool IsFenced { get; private set; }

    /// <summary>No supervisor said how it ended, so none has seen to it that nothing of the job is left.</summary>
    public bool IsJudgedHere { get; set; }

    /// <summary>Null before there is one, and when it has been let go.</summary>
    public ProcessIdentity? Supervisor => Volatile.Read(ref _supervisor);

    public TimeSpan SinceCancel => IsCancelled ? time.GetElapsedTime(_cancelled) : TimeSpan.Zero;

    public LiveAttempt Live => new(Id, Fence, Phase);

    public static Attempt From(AttemptFile file, AttemptFolder folder, TimeProvider time) =>
        new(file.Attempt, file.Job, file.Fence, file.Relay?.Secret ?? NewSecret(), folder, time)
        {
            LostAfter = Span(file.LostAfter),
        };

    public static TimeSpan? Span(double? seconds) => seconds is { } s ? TimeSpan.FromSeconds(s) : null;

    public static string NewSecret() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>This agent has seen the supervisor begin, however soon it ends.</summary>
    public bool WasLaunchedHere { get; private set; }

    public void HasLaunched(Launched launched)
    {
        WasLaunchedHere = true;
        HasSupervisor(launched.Supervisor, launched.LetGo);
    }

    public void HasSupervisor(ProcessIdentity process) => HasSupervisor(process, letGo: null);

    private void HasSupervisor(ProcessIdentity process, Action? letGo)
    {
        lock (_gate)
        {
            Volatile.Write(ref _supervisor, process);
            _letGo = letGo;
            if (Forgotten.IsCancellationRequested || IsFenced)
            {
                KillHeld();
            }
            else if (IsCancelled)
            {
                process.RequestEnd();
            }
        }
    }

    /// <summary>
    /// Called once it is known how the attempt ended. Where the supervisor stays for another, no signal of this attempt may
    /// reach it from here on.
    /// </summary>
    public void LetGo()
    {
        lock (_gate)
        {
            if (_letGo is { } letGo)
            {
                Volatile.Write(ref _supervisor, null);
                _letGo = null;
                letGo();
            }
        }
    }

    /// <summary>Ends the supervisor, and with it the job.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            KillHeld();
        }
    }

    /// <summary>Asks the supervisor, once, to end the job; before the launch it keeps the job from beginning.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            if (!IsCancelled)
            {
                Volatile.Write(ref _cancelled, time.GetTimestamp());
                _cancellation.Cancel();
                _supervisor?.RequestEnd();
            }
        }
    }

    /// <summary>Kills it; what it leaves on disk is still reported, and the server decides whether that counts.</summary>
    public void KillUnrenewed()
    {
        lock (_gate)
        {
            IsFenced = true;
            KillHeld();
        }
    }

    /// <summary>Kills it and reports nothing; one that has ended learns from its own report whether that counts.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            if (Phase == Attempts.Phase.Reporting)
            {
                return;
            }

            _forgotten.Cancel();
            KillHeld();
        }
    }

    /// <summary>One that was killed is waited for, not let go: its job may still write.</summary>
    private void KillHeld()
    {
        _letGo = null;
        _supervisor?.KillNow();
    }

    public void Dispose()
    {
        _forgotten.Dispose();
        _cancellation.Dispose();
    }
}
