using Alidade.Server.Groups;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Users;

/// <summary>Accounts: registration, passwords, the current user.</summary>
public sealed class UserService(Stores stores, RegistrationPolicy policy)
{
    private const string Select =
        "SELECT id, username, email, password, created, modified, last_sign_in, password_expires, deleted FROM user_account ";

    private static readonly long PasswordLifetime = TimeSpan.FromDays(365).Ticks / 10;

    /// <summary>Makes an account in the public group; the first account also makes that group and is its admin.</summary>
    public async Task<CurrentUserView> RegisterAsync(
        Registration input,
        bool invited,
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
        policy.RequireOpen(!await AnyAsync(cancellation), invited, fromLoopback);
        policy.RequireStrong(input.Password, "password");
        var password = Passwords.Hash(input.Password);
        return await stores.Core.WriteAsync(
            t =>
            {
                var isFirst = !Any(t);
                policy.RequireOpen(isFirst, invited, fromLoopback);
                RequireFree(t, input.Username, input.Email, self: null);
                var id = t.Scalar<long>(
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
                WelcomeService.EndSetup(t);
                PublicGroup.Join(t, new Caller(id, input.Username, new Dictionary<long, Role>()), isFirst);
                return Current(t, id);
            },
            cancellation: cancellation
        );
    }

    /// <summary>The id of the user whose name and password these are.</summary>
    /// <exception cref="UnauthorizedException">They are not; it takes as long to say so for an unknown name.</exception>
    public async Task<long> VerifyAsync(SignIn input, CancellationToken cancellation)
    {
        var user = await stores.Core.ReadAsync(
            s => s.First<UserRow>(Select + "WHERE username = @Username AND deleted IS NULL", input),
            cancellation
        );
        var right = Passwords.Verify(input.Password, user?.Password);
        if (user is null)
        {
            throw new UnauthorizedException(
                "UserDoesNotExistError",
                "There is no such user, or the password is another."
            );
        }

        return right
            ? user.Id
            : throw new UnauthorizedException("UserPasswordError", "Password authentication failed.");
    }

    public Task<bool> AnyAsync(CancellationToken cancellation) => stores.Core.ReadAsync(Any, cancellation);

    public Task<bool> AreSeveralAsync(CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s => s.Scalar<long>("SELECT COUNT(*) FROM user_account WHERE deleted IS NULL") > 1,
            cancellation
        );

    public Task<CurrentUserView> CurrentAsync(Caller caller, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Current(s, caller.UserId), cancellation);

    public Task<Page<UserView>> ListAsync(Listing listing, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                var search = Search.CompileColumns(listing.Search, ("username", "username"), ("email", "email"));
                var args = search.Arguments;
                args["Limit"] = listing.Limit;
                args["Offset"] = listing.Index;
                var where = "WHERE deleted IS NULL" + search.Where;
                var total = s.Scalar<long>($"SELECT COUNT(*) FROM user_account {where}", args);
                var rows = s.Query<UserRow>($"{Select}{where} ORDER BY id LIMIT @Limit OFFSET @Offset", args);
                return Page.Of("users", listing, total, [.. rows.Select(View)]);
            },
            cancellation
        );

    public Task<UserView> GetAsync(long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => View(Living(s, id)), cancellation);

    public Task<CurrentUserView> ModifyAsync(Caller caller, UserChange input, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                RequireFree(t, input.Username, input.Email, caller.UserId);
                t.Execute(
                    "UPDATE user_account SET username = @Username, email = @Email, modified = @Now WHERE id = @UserId",
                    new
                    {
                        input.Username,
                        input.Email,
                        t.Now,
                        caller.UserId,
                    }
                );
                return Current(t, caller.UserId);
            },
            cancellation: cancellation
        );

    /// <summary>Closes the caller's own account; its name and e-mail stay taken.</summary>
    public async Task<Deletion> DeleteAsync(Caller caller, string password, CancellationToken cancellation)
    {
        await RequirePasswordAsync(caller.UserId, password, cancellation);
        return await stores.Core.WriteAsync(
            t =>
            {
                t.Execute("UPDATE user_account SET deleted = @Now WHERE id = @UserId", new { t.Now, caller.UserId });
                SignInStore.EndAll(t, caller.UserId);
                return Deletion.Of(caller.UserId);
            },
            cancellation: cancellation
        );
    }

    /// <summary>Changes a password and ends every session of its user.</summary>
    public async Task ChangePasswordAsync(long userId, PasswordChange input, CancellationToken cancellation)
    {
        if (input.NewPassword != input.ConfirmNewPassword)
        {
            throw Unchanged("The new password and its confirmation do not match.");
        }

        policy.RequireStrong(input.NewPassword, "newPassword");
        var user = await stores.Core.ReadAsync(s => Living(s, userId), cancellation);
        if (!Passwords.Verify(input.OldPassword, user.Password))
        {
            throw Unchanged("The old password is another.");
        }

        if (input.NewPassword == input.OldPassword)
        {
            throw Unchanged("The new password is the old one.");
        }

        var password = Passwords.Hash(input.NewPassword);
        await stores.Core.WriteAsync(
            t =>
            {
                SignInStore.EndAll(t, userId);
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

    private static ForbiddenException Unchanged(string why) =>
        new("UserPasswordChangeError", $"The password was not changed. {why}");

    private async Task RequirePasswordAsync(long userId, string password, CancellationToken cancellation)
    {
        var user = await stores.Core.ReadAsync(s => Living(s, userId), cancellation);
        if (!Passwords.Verify(password, user.Password))
        {
            throw new UnauthorizedException("UserPasswordError", "Password authentication failed.");
        }
    }

    private static bool Any(ISession s) => s.Scalar<long>("SELECT COUNT(*) FROM user_account") > 0;

    private static UserRow Living(ISession s, long id) =>
        s.First<UserRow>(Select + "WHERE id = @id AND deleted IS NULL", new { id })
        ?? throw new NotFoundException("user", ("user_id", id));

    private static CurrentUserView Current(ISession s, long id) =>
        CurrentUserView.Of(
            Living(s, id),
            [
                .. s.Query<RefRow>(
                        "SELECT g.id, g.name FROM membership m JOIN user_group g ON g.id = m.group_id "
                            + "WHERE m.user_id = @id AND g.deleted IS NULL ORDER BY g.id",
                        new { id }
                    )
                    .Select(g => GroupRef.Of(g.Id, g.Name)),
            ]
        );

    private static void RequireFree(ISession s, string username, string email, long? self)
    {
        var taken = s.Query<UserRow>(Select + "WHERE username = @username OR email = @email", new { username, email })
            .FirstOrDefault(u => u.Id != self);
        if (taken is not null)
        {
            throw taken.Username == username
                ? new AlreadyExistsException("User", taken.Id, ("username", username))
                : new AlreadyExistsException("User", taken.Id, ("email", email));
        }
    }

    private static UserView View(UserRow user) => new(user.Id, user.Username, user.Email);
}
