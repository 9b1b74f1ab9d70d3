using Alidade.Server.Platform.Input;

namespace Alidade.Server.Groups;

public sealed record GroupInput([Name, Length(1, 255)] string Name);

/// <param name="User">The id of the user.</param>
public sealed record MemberInput(long User, [OneOf("reader", "contributor", "admin")] string Role);

public sealed record MemberChange([OneOf("reader", "contributor", "admin")] string Role);

/// <param name="Role">What who accepts it becomes.</param>
public sealed record InvitationInput(
    [OneOf("reader", "contributor", "admin")] string Role = "contributor",
    long ExpiresInDays = InvitationInput.UsualDays
)
{
    public const long UsualDays = 7;
    public const long MostDays = 30;
}

/// <param name="Code">Shown here and never again, and in <paramref name="Url"/>.</param>
public sealed record InvitationCreated(long Id, long Group, string Role, string ExpiresOn, string Code, string Url);

public sealed record InvitationView(long Id, long Group, string Role, string CreatedOn, string ExpiresOn);
