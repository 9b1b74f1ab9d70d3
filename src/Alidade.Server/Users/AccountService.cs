using Alidade.Server.Groups;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tokens;
using Alidade.Storage.Platform;

namespace Alidade.Server.Users;

/// <summary>What needs a password: opening and closing accounts, signing in, changing the password.</summary>
public sealed class AccountService(Stores stores, RegistrationPolicy policy, PasswordGate gate, TimeProvider time)
{
    private static readonly long PasswordLifetime = TimeSpan.FromDays(365).Ticks / 10;

    /// <summary>
    /// Makes an account in the public group, and in the group of its invitation. The first account is the public group's
    /// admin; if that one has closed, the next that is made from this machine or by the one-time link.
    /// </summary>
    /// <param name="bySetupLink">The person came by the one-time link that makes the first account.</param>
    public async Task<CurrentUserView> RegisterAsync(
        Registration input,
        bool bySetupLink,
        bool fromLoopback,
        CancellationToken cancellation
    )
    {
        if (input.Password != input.ConfirmPassword)
        {
            throw new RefusedException(
                "QueryParameterValidationError",
                "The password and its confirmation (***) do not match. Send the same text as password and confirmPassword."
            );
        }

        // Asked before the costly hash, and again where nobody can come between.
        await stores.Core.ReadAsync(s => RequireOpen(s, Micros.Now(time)), cancellation);
        policy.RequireStrong(input.Password, "password");
        var password = await gate.HashAsync(input.Password, cancellation);
        return await stores.Core.WriteAsync(
            t =>
            {
                var makesAdmin = RequireOpen(t, t.Now) && (bySetupLink || fromLoopback || !UserRows.Any(t));
                UserRows.RequireFree(t, input.Username, input.Email, self: null);
                var user = Caller.Only(Insert(t, input, password), input.Username);
                Audit.Write(t, user, "create", UserRows.Kind, user.UserId, input.Username);
                PublicGroup.Join(t, user, makesAdmin);
                if (makesAdmin)
                {
                    WelcomeService.EndSetup(t);
                }

                if (input.Invitation is { } code)
                {
                    Invitations.Accept(t, user, code);
                }

                return UserRows.Current(t, user.UserId);
            },
            cancellation: cancellation
        );

        bool RequireOpen(ISession s, long now)
        {
            var isFirst = !UserRows.AnyAdmin(s);
            if (input.Invitation is { } code && Invitations.Find(s, code, now) is null)
            {
                throw Invitations.Expired();
            }

            policy.RequireOpen(isFirst, bySetupLink, fromLoopback, isInvited: input.Invitation is not null);
            return isFirst;
        }
    }

    /// <summary>The id of the user whose name and password these are.</summary>
    /// <exception cref="UnauthorizedException">They are not; it takes as long to say so for an unknown name.</exception>
    /// <exception cref="TooManyAttemptsException">Too many were wrong.</exception>
    public async Task<long> VerifyAsync(SignIn input, string address, CancellationToken cancellation)
    {
        var user = await stores.Core.ReadAsync(s => UserRows.Named(s, input.Username), cancellation);
        if (await gate.IsRightAsync(input.Username, address, input.Password, user?.Password, cancellation))
        {
            return user!.Id;
        }

        // A name that is no user's is not written down: people type passwords there.
        await stores.Core.WriteAsync(
            t =>
            {
                Audit.Write(t, null, "refuse_sign_in", UserRows.Kind, user?.Id, "from " + address);
                return true;
            },
            Lane.Bulk,
            cancellation
        );
        throw user is null
            ? new UnauthorizedException("UserDoesNotExistError", "There is no such user, or the password is another.")
            : WrongPassword();
    }

    /// <summary>Closes the caller's own account; its name and e-mail stay taken.</summary>
    public async Task<Deletion> DeleteAsync(
        Caller caller,
        string password,
        string address,
        CancellationToken cancellation
    )
    {
        await RequirePasswordAsync(caller.UserId, address, password, WrongPassword, cancellation);
        return await stores.Core.WriteAsync(
            t =>
            {
                Memberships.RemoveEverywhere(t, caller);
                t.Execute("UPDATE user_account SET deleted = @Now WHERE id = @UserId", new { t.Now, caller.UserId });
                EndEverywhere(t, caller.UserId);
                Audit.Write(t, caller, "delete", UserRows.Kind, caller.UserId);
                return Deletion.Of(caller.UserId);
            },
            cancellation: cancellation
        );
    }

    /// <summary>Changes a password and ends every session and token of its user.</summary>
    public async Task ChangePasswordAsync(
        Caller caller,
        long userId,
        PasswordChange input,
        string address,
        CancellationToken cancellation
    )
    {
        if (input.NewPassword != input.ConfirmNewPassword)
        {
            throw Unchanged("The new password and its confirmation do not match.");
        }

        policy.RequireStrong(input.NewPassword, "newPassword");
        await RequirePasswordAsync(
            userId,
            address,
            input.OldPassword,
            () => Unchanged("The old password is another."),
            cancellation
        );
        if (input.NewPassword == input.OldPassword)
        {
            throw Unchanged("The new password is the old one.");
        }

        var password = await gate.HashAsync(input.NewPassword, cancellation);
        await stores.Core.WriteAsync(
            t =>
            {
                EndEverywhere(t, userId);
                Audit.Write(t, caller, "change_password", UserRows.Kind, userId);
                return t.Execute(
                    "UPDATE user_account SET password = @password, password_expires = @Expires, modified = @Now WHERE id = @userId",
                    new
                    {
                        password,
                        Expires = t.Now + PasswordLifetime,
                        t.Now,
                        userId,
                    }
                );
            },
            cancellation: cancellation
        );
    }

    private async Task RequirePasswordAsync(
        long userId,
        string address,
        string password,
        Func<ApiException> wrong,
        CancellationToken cancellation
    )
    {
        var user = await stores.Core.ReadAsync(s => UserRows.Living(s, userId), cancellation);
        if (!await gate.IsRightAsync(user.Username, address, password, user.Password, cancellation))
        {
            throw wrong();
        }
    }

    private static long Insert(ITransaction t, Registration input, string password) =>
        t.Scalar<long>(
            "INSERT INTO user_account (username, email, password, created, modified, password_expires) "
                + "VALUES (@Username, @Email, @password, @Now, @Now, @Expires) RETURNING id",
            new
            {
                input.Username,
                input.Email,
                password,
                t.Now,
                Expires = t.Now + PasswordLifetime,
            }
        );

    /// <summary>Whoever came by the old password or the old account is out, with every program.</summary>
    private static void EndEverywhere(ITransaction t, long userId)
    {
        SignInStore.EndAll(t, userId);
        TokenService.RevokeAll(t, userId);
        WelcomeService.EndAll(t, userId);
    }

    private static UnauthorizedException WrongPassword() => new("UserPasswordError", "Password authentication failed.");

    private static ForbiddenException Unchanged(string why) =>
        new("UserPasswordChangeError", $"The password was not changed. {why}");
}
