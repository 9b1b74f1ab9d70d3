using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Users;

/// <summary>
/// The one place where a password meets what is stored. Hashing is slow on purpose, so a few run at a time, beside the
/// requests and never in a transaction; who guesses is slowed down.
/// </summary>
public sealed class PasswordGate(SignInThrottle throttle) : IDisposable
{
    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount - 1));

    /// <param name="stored">Null for an unknown user: takes as long and says no.</param>
    /// <exception cref="TooManyAttemptsException">Too many were wrong.</exception>
    public async Task<bool> IsRightAsync(
        string account,
        string address,
        string password,
        string? stored,
        CancellationToken cancellation
    )
    {
        throttle.Begin(account, address);
        var right = await InTurnAsync(() => Passwords.Verify(password, stored), cancellation);
        if (right)
        {
            throttle.Succeed(account, address);
        }

        return right;
    }

    public Task<string> HashAsync(string password, CancellationToken cancellation) =>
        InTurnAsync(() => Passwords.Hash(password), cancellation);

    public void Dispose() => _places.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation);
        try
        {
            return await Task.Run(work, cancellation);
        }
        finally
        {
            _places.Release();
        }
    }
}
