using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Users;

/// <summary>
/// Slows down who guesses passwords. Each wrong one costs a token of three buckets: of the account as seen from this
/// address, of the address, and of the account as seen from everywhere else. From where an account has signed in before,
/// only the first counts, so that nobody shuts others out of their accounts by guessing, neither at them from elsewhere
/// nor at anything from beside them.
/// </summary>
public sealed class SignInThrottle(TimeProvider time)
{
    /// <summary>Signed-in places that are remembered; the oldest are forgotten first.</summary>
    private const int MostKnown = 10_000;

    /// <summary>Longer names are nobody's.</summary>
    private const int LongestName = 255;

    private readonly Lock _gate = new();
    private readonly TokenBuckets _addresses = new(time, 30, TimeSpan.FromSeconds(2));
    private readonly TokenBuckets _pairs = new(time, 5, TimeSpan.FromSeconds(20));
    private readonly TokenBuckets _accounts = new(time, 20, TimeSpan.FromSeconds(10));
    private readonly HashSet<(string, string)> _known = [];
    private readonly Queue<(string, string)> _order = new();

    /// <summary>Called before a password is looked at; it counts as wrong until <see cref="Succeed"/>.</summary>
    /// <exception cref="TooManyAttemptsException">Nothing is looked at before its time has passed.</exception>
    public void Begin(string account, string address)
    {
        var pair = Pair(account, address);
        lock (_gate)
        {
            var isKnown = _known.Contains(pair);
            var wait = _pairs.Wait(pair.ToString());
            if (!isKnown)
            {
                wait = Longest(wait, Longest(_addresses.Wait(address), _accounts.Wait(pair.Account)));
            }

            if (wait > TimeSpan.Zero)
            {
                throw new TooManyAttemptsException(wait);
            }

            _pairs.Take(pair.ToString());
            if (!isKnown)
            {
                _addresses.Take(address);
                _accounts.Take(pair.Account);
            }
        }
    }

    /// <summary>The password was right: what <see cref="Begin"/> took is given back.</summary>
    public void Succeed(string account, string address)
    {
        var pair = Pair(account, address);
        lock (_gate)
        {
            _pairs.Forget(pair.ToString());
            if (!_known.Add(pair))
            {
                return;
            }

            _addresses.Give(address);
            _accounts.Give(pair.Account);
            _order.Enqueue(pair);
            if (_order.Count > MostKnown)
            {
                _known.Remove(_order.Dequeue());
            }
        }
    }

    private static (string Account, string Address) Pair(string account, string address) =>
        (account.Length > LongestName ? account[..LongestName] : account, address);

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
