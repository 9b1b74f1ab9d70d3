using Alidade.Server.Platform.Errors;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Jobs;

/// <summary>
/// Refuses people another waiting job where their group has as many as it may. Tries that the queue makes by itself are
/// never refused: their job was taken in.
/// </summary>
internal static class WaitingLimit
{
    public static void Require(ITransaction tx, long group)
    {
        if (GroupQuotas.FullAt(tx, group) is { } most)
        {
            throw new TooManyException(
                "TooManyJobsError",
                $"{most} jobs of the group wait, the most that may. Submit again when some have begun, or cancel some; an admin "
                    + $"of the public group may raise the limit (PUT /groups/{group}/quota, alidade quota set).",
                ("group", group),
                ("waiting", most)
            );
        }
    }
}
