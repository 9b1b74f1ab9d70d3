using System.Reflection;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Platform.Security;

/// <summary>What a member of a group may do, each including the one before.</summary>
public enum Role
{
    Reader,
    Contributor,
    Admin,
}

/// <summary>Who asks, and what is theirs. A parameter of this type makes an endpoint need a signed-in user.</summary>
public sealed record Caller(long UserId, string Username, IReadOnlyDictionary<long, Role> Groups)
{
    /// <summary>Ids of the groups whose things the caller may see.</summary>
    public long[] Visible => [.. Groups.Keys];

    public static ValueTask<Caller> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(Of(context));

    /// <exception cref="UnauthorizedException">Nobody is signed in.</exception>
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>()
        ?? throw new UnauthorizedException("NoCurrentUserError", "There is no current user.");

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
                $"This needs the role {role.ToString().ToLowerInvariant()} in group {group}; you are {held.ToString().ToLowerInvariant()}."
            );
        }
    }
}
