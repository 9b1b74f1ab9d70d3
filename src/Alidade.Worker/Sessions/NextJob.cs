using Alidade.Engine.Protocol;
using Alidade.Worker.Attempts;

namespace Alidade.Worker.Sessions;

/// <summary>
/// The job that takes the place of one that has ended: claimed with the report of that end, which saves a call and a commit
/// while jobs wait. Where none waits the claim loop does.
/// </summary>
internal sealed class NextJob(ClaimGate gate, AttemptTable attempts)
{
    private Action<Grant>? _begin;
    private CancellationToken _drain;

    /// <summary>From now on jobs may be claimed, until <paramref name="drain"/>.</summary>
    public void Open(Action<Grant> begin, CancellationToken drain) => (_begin, _drain) = (begin, drain);

    public bool IsWanted => _begin is not null && !_drain.IsCancellationRequested && gate.IsOpen && attempts.AreInSlots;

    public void Begin(IReadOnlyList<Grant>? grants)
    {
        foreach (var grant in grants ?? [])
        {
            _begin!(grant);
        }
    }
}
