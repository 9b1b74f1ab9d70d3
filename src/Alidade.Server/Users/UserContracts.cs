using Alidade.Server.Platform;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Users;

/// <param name="Invitation">A code from <c>POST /groups/{id}/invitations</c>: opens the door where registration is closed.</param>
public sealed record Registration(
    [Name, Length(1, 255)] string Username,
    [Length(1, 255)] string Email,
    [Length(1, 1024)] string Password,
    string ConfirmPassword,
    [Length(1, 255)] string? Invitation = null
);

public sealed record UserChange([Name, Length(1, 255)] string Username, [Length(1, 255)] string Email);

public sealed record UserDeletion([Length(0, 1024)] string Password);

public sealed record PasswordChange(
    [Length(0, 1024)] string OldPassword,
    [Length(1, 1024)] string NewPassword,
    string ConfirmNewPassword
);

public sealed record SignIn([Length(0, 1024)] string Username, [Length(0, 1024)] string Password);

public sealed record UserView(long Id, string Username, string Email);

public sealed record CurrentUserView(
    long Id,
    string Username,
    string Email,
    IReadOnlyList<GroupRef> Groups,
    string CreatedOn,
    string LastModifiedOn,
    string? LastLoginOn,
    string PasswordExpiresOn
)
{
    internal static CurrentUserView Of(UserRow user, IReadOnlyList<GroupRef> groups) =>
        new(
            user.Id,
            user.Username,
            user.Email,
            groups,
            Wire.Time(user.Created),
            Wire.Time(user.Modified),
            Wire.Time(user.LastSignIn),
            Wire.Time(user.PasswordExpires)
        );
}

internal sealed record UserRow
{
    public long Id { get; init; }
    public string Username { get; init; } = "";
    public string Email { get; init; } = "";
    public string Password { get; init; } = "";
    public long Created { get; init; }
    public long Modified { get; init; }
    public long? LastSignIn { get; init; }
    public long PasswordExpires { get; init; }
    public long? Deleted { get; init; }
}
