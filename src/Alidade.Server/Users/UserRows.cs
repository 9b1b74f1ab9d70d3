using Alidade.Server.Groups;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Storage.Platform;

namespace Alidade.Server.Users;

/// <summary>Reads accounts; a closed one is nobody's, though its name and e-mail stay taken.</summary>
internal static class UserRows
{
    public const string Kind = "user";

    public const string Select =
        "SELECT id, username, email, password, created, modified, last_sign_in, password_expires, deleted FROM user_account ";

    public static bool Any(ISession s) => s.Scalar<long>("SELECT COUNT(*) FROM user_account WHERE deleted IS NULL") > 0;

    /// <summary>How many there are, counted as far as 2.</summary>
    public static Answer<long> AskSeveral(ISession s) =>
        s.Ask<long>("SELECT COUNT(*) FROM (SELECT 1 FROM user_account WHERE deleted IS NULL LIMIT 2) AS living");

    /// <summary>Whether somebody looks after the server: an admin of the public group.</summary>
    public static bool AnyAdmin(ISession s) =>
        s.Scalar<long>(
            "SELECT COUNT(*) FROM membership m JOIN user_group g ON g.id = m.group_id AND g.name = @Name "
                + "JOIN user_account u ON u.id = m.user_id AND u.deleted IS NULL WHERE m.role = 'admin'",
            new { PublicGroup.Name }
        ) > 0;

    public static UserRow? Named(ISession s, string username) =>
        s.First<UserRow>(Select + "WHERE username = @username AND deleted IS NULL", new { username });

    public static UserRow Living(ISession s, long id) =>
        s.First<UserRow>(Select + "WHERE id = @id AND deleted IS NULL", new { id })
        ?? throw new NotFoundException(Kind, ("user_id", id));

    public static CurrentUserView Current(ISession s, long id) =>
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

    /// <exception cref="AlreadyExistsException">Another account has the name or the e-mail.</exception>
    public static void RequireFree(ISession s, string username, string email, long? self)
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
}
