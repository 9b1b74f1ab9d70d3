using Alidade.Server.Jobs.Policies;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Jobs;

/// <summary>When a job may begin: not before one moment, not after another, and after other jobs.</summary>
internal sealed record JobTimes(long? NotBefore, long? NotAfter)
{
    /// <summary>How many jobs one may come after.</summary>
    public const int MostAfter = 1000;

    private const long Longest = 366 * 86400L * Storage.Jobs.Timing.Second;

    public static JobTimes Of(ITransaction tx, JobInput input, JobPolicy policy)
    {
        var notBefore = input.NotBefore is { } from ? MomentAttribute.Micros(from) : null;
        if (notBefore > tx.Now + Longest)
        {
            throw new InvalidInputException("notBefore", "Must be within a year.");
        }

        if (input.NotAfter is not { } to)
        {
            return new JobTimes(notBefore, Math.Max(notBefore ?? 0, tx.Now) + policy.StartWithinMicros);
        }

        var notAfter = MomentAttribute.Micros(to);
        return notAfter <= tx.Now ? throw new InvalidInputException("notAfter", "Must be in the future.")
            : notAfter <= notBefore ? throw new InvalidInputException("notAfter", "Must be after notBefore.")
            : new JobTimes(notBefore, notAfter);
    }

    /// <summary>The jobs it comes after, of its own group or the public one; each is there already, so no cycle can be.</summary>
    public static IReadOnlyList<long> After(ISession s, Caller caller, JobInput input)
    {
        if (input.After is not { Count: > 0 } given)
        {
            return [];
        }

        var ids = given.Distinct().ToArray();
        var known = s.Query<long>(
            "SELECT id FROM job WHERE id = ANY(@ids) AND deleted IS NULL AND group_id = ANY(@Visible)",
            new { ids, caller.Visible }
        );
        return known.Count == ids.Length
            ? ids
            : throw new NotFoundException("job", ("job_id", ids.Except(known).First()));
    }
}
