using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Platform.Security;

/// <summary>What a member of a group may do, each including the one before.</summary>
public enum Role
{
    Reader,
    Contributor,
    Admin,
}

/// <summary>Roles as words.</summary>
public static class Roles
{
    public static string Word(this Role role) =>
        role switch
        {
            Role.Admin => "admin",
            Role.Contributor => "contributor",
            _ => "reader",
        };

    public static Role Parse(string word) => Enum.Parse<Role>(word, ignoreCase: true);
}

/// <summary>Who asks, and what is theirs. A parameter of this type makes an endpoint need a signed-in user.</summary>
/// <param name="Groups">What the caller may do where, already cut down to what the endpoint declares.</param>
public sealed record Caller(long UserId, string Username, IReadOnlyDictionary<long, Role> Groups)
{
    /// <summary>The group everyone belongs to.</summary>
    public long? PublicGroup { get; init; }

    /// <summary>The token that stands for the user; null for a person.</summary>
    public CallerToken? Token { get; init; }

    /// <summary>The running job that calls through its worker's agent; null for a person or a program.</summary>
    public CallerAttempt? Attempt { get; init; }

    /// <summary>Ids of the groups whose things the caller may see.</summary>
    public long[] Visible => [.. Groups.Keys];

    /// <summary>A user without regard to groups: for what it does with its own account.</summary>
    public static Caller Only(long userId, string username) => new(userId, username, new Dictionary<long, Role>());

    /// <exception cref="UnauthorizedException">Nobody is signed in.</exception>
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>()
        ?? throw new UnauthorizedException("NoCurrentUserError", "There is no current user.");

    /// <summary>The same caller with no role above this one.</summary>
    public Caller Within(Role most) =>
        Groups.Values.All(role => role <= most)
            ? this
            : this with
            {
                Groups = Groups.ToDictionary(g => g.Key, g => g.Value < most ? g.Value : most),
            };

    /// <summary>
    /// The same caller with nothing but what a resource of this group may refer to: its own group and the public one. Else
    /// who belongs to two groups could tie the things of one to the other, where others then run and read them.
    /// </summary>
    public Caller ReferringFrom(long group) =>
        this with
        {
            Groups = Groups.Where(g => g.Key == group || g.Key == PublicGroup).ToDictionary(),
        };

    /// <summary>Lets through who has the role in the group; another group does not exist for the caller.</summary>
    public void Require(long group, Role role)
    {
        if (!Groups.TryGetValue(group, out var held))
        {
            throw new NotFoundException("group", ("group_id", group));
        }

        if (held < role)
        {
            throw new ForbiddenException(
                "PermissionDeniedError",
                $"This needs the role {role.Word()} in group {group}; "
                    + $"{(Token is null ? "you" : "with this token you")} are {held.Word()}."
            );
        }
    }
}

/// <summary>A token as far as it limits its user.</summary>
/// <param name="Groups">Those it is limited to, in order; none for all of its user's.</param>
public sealed record CallerToken(long Id, Scope Scopes, IReadOnlyList<long> Groups);

/// <summary>A caller that is a running job. What it may call is marked with <see cref="OpenToAttempts"/>.</summary>
/// <param name="Run">The job's own run, 32 hexadecimal digits.</param>
public sealed record CallerAttempt(long Id, long Job, string Run, long Experiment, long Group);
