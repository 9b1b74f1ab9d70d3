using System.Text.Json.Nodes;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Secrets;
using Alidade.Storage.Jobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Groups;

/// <summary>Making, renaming and deleting groups. The public one stays as it is.</summary>
public sealed class GroupLifecycle(Stores stores, GroupService groups)
{
    private const string Kind = "group";

    /// <summary>A group with the caller as its admin.</summary>
    public async Task<GroupView> CreateAsync(Caller caller, GroupInput input, CancellationToken cancellation)
    {
        var id = await stores.Core.WriteAsync(
            t =>
            {
                RequireFree(t, input.Name, self: null);
                var group = t.Scalar<long>(
                    "INSERT INTO user_group (name, creator_id, created, modified) VALUES (@Name, @UserId, @Now, @Now) RETURNING id",
                    new
                    {
                        input.Name,
                        caller.UserId,
                        t.Now,
                    }
                );
                Audit.Write(t, caller, "create", Kind, group, input.Name, group);
                Memberships.Set(t, caller, group, caller.UserId, Role.Admin);
                return group;
            },
            cancellation: cancellation
        );
        return await groups.GetAsync(
            caller with
            {
                Groups = new Dictionary<long, Role> { [id] = Role.Admin },
            },
            id,
            cancellation
        );
    }

    public async Task<GroupView> RenameAsync(Caller caller, long id, GroupInput input, CancellationToken cancellation)
    {
        await stores.Core.WriteAsync(
            t =>
            {
                RequireMine(caller, id);
                RequireFree(t, input.Name, id);
                Audit.Write(t, caller, "rename", Kind, id, input.Name, id);
                return t.Execute(
                    "UPDATE user_group SET name = @Name, modified = @Now WHERE id = @id AND deleted IS NULL",
                    new
                    {
                        input.Name,
                        t.Now,
                        id,
                    }
                );
            },
            cancellation: cancellation
        );
        return await groups.GetAsync(caller, id, cancellation);
    }

    /// <summary>Deletes an empty group; its workers stop, and its name is free again.</summary>
    public Task<Deletion> DeleteAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                RequireMine(caller, id);
                RequireEmpty(t, id);
                Audit.Write(t, caller, "delete", Kind, id, group: id);
                foreach (
                    var token in t.Query<long>(
                        "SELECT t.id FROM worker_token t JOIN pool_group p ON p.pool = t.pool WHERE p.group_id = @id",
                        new { id }
                    )
                )
                {
                    Pools.Revoke(t, token);
                }

                SecretStore.DeleteOf(t, id);
                GroupQuotas.Set(t, new GroupQuota { GroupId = id });
                t.Execute("DELETE FROM invitation WHERE group_id = @id", new { id });
                t.Execute("DELETE FROM membership WHERE group_id = @id", new { id });
                t.Execute(
                    "UPDATE user_group SET deleted = @Now, name = name || ' (deleted ' || id || ')' WHERE id = @id",
                    new { t.Now, id }
                );
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    private static void RequireMine(Caller caller, long group)
    {
        caller.Require(group, Role.Admin);
        if (group == caller.PublicGroup)
        {
            throw new ForbiddenException("ReadOnlyLockError", "The public group keeps its name and its place.");
        }
    }

    private static void RequireFree(ISession s, string name, long? self)
    {
        var holder = s.First<long?>("SELECT id FROM user_group WHERE name = @name", new { name });
        if (holder is { } id && id != self)
        {
            throw new AlreadyExistsException(Kind, id, ("name", name));
        }
    }

    private static void RequireEmpty(ISession s, long group)
    {
        var contents = GroupContents.Count(s, group);
        if (contents.Count > 0)
        {
            var said = string.Join(", ", contents.Select(c => $"{c.Value} {c.Key}"));
            throw new RefusedException(
                "GroupNotEmptyError",
                $"Group {group} still has {said}. Delete them first.",
                new JsonObject(contents.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value)))
            );
        }
    }
}
