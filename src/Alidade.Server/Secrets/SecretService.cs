using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Secrets;

/// <summary>
/// Secrets of groups. Admins set and delete them; contributors, whose jobs are given them, see their names. Nobody sees a
/// value.
/// </summary>
public sealed class SecretService(Stores stores, SecretBox box, SecretKeys keys)
{
    private const string Kind = "secret";

    /// <param name="group">Only of this group; null for all in which the caller is a contributor.</param>
    public Task<IReadOnlyList<SecretView>> ListAsync(Caller caller, long? group, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                if (group is { } only)
                {
                    caller.Require(only, Role.Contributor);
                }

                return Views(s, SecretStore.Of(s, group is { } one ? [one] : Groups(caller)));
            },
            cancellation
        );

    public Task<SecretView> GetAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Views(s, [Find(s, caller, id, Role.Contributor)])[0], cancellation);

    public Task<SecretView> CreateAsync(Caller caller, SecretInput input, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            tx =>
            {
                caller.Require(input.Group, Role.Admin);
                if (SecretStore.Find(tx, input.Group, input.Name) is { } known)
                {
                    throw new AlreadyExistsException(Kind, known.Id, ("name", input.Name));
                }

                RequireKnown(tx, caller, input.Group, input.Entrypoints, input.Queues);
                var (key, content) = box.Seal(input.Value, input.Group, input.Name, 1);
                var row = new SecretRow
                {
                    GroupId = input.Group,
                    Name = input.Name,
                    Version = 1,
                    KeyId = key,
                    Sealed = content,
                    Entrypoints = SecretStore.Limit(input.Entrypoints),
                    Queues = SecretStore.Limit(input.Queues),
                    UserId = caller.UserId,
                    Created = tx.Now,
                    Modified = tx.Now,
                };
                var id = SecretStore.Insert(tx, row);
                Audit.Write(tx, caller, "create", Kind, id, input.Name, input.Group);
                return Views(tx, [row with { Id = id }])[0];
            },
            cancellation: cancellation
        );

    public Task<SecretView> ChangeAsync(Caller caller, long id, SecretChange change, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            tx =>
            {
                var was = Find(tx, caller, id, Role.Admin);
                RequireKnown(tx, caller, was.GroupId, change.Entrypoints, change.Queues);
                // The version is sealed with the value, so a change of the limits alone seals it anew too.
                var version = was.Version + 1;
                var (key, content) = box.Seal(change.Value ?? Open(was), was.GroupId, was.Name, version);
                var row = was with
                {
                    Version = version,
                    KeyId = key,
                    Sealed = content,
                    Entrypoints = change.Entrypoints is { } e ? SecretStore.Limit(e) : was.Entrypoints,
                    Queues = change.Queues is { } q ? SecretStore.Limit(q) : was.Queues,
                    UserId = caller.UserId,
                    Modified = tx.Now,
                };
                if (!SecretStore.Update(tx, row, was.Version))
                {
                    throw Missing(id);
                }

                var what = change.Value is null ? "limits" : "value";
                Audit.Write(tx, caller, "modify", Kind, id, $"{was.Name}: {what}", was.GroupId);
                return Views(tx, [row])[0];
            },
            cancellation: cancellation
        );

    public Task<Deletion> DeleteAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            tx =>
            {
                var row = Find(tx, caller, id, Role.Admin);
                SecretStore.Delete(tx, id);
                Audit.Write(tx, caller, "delete", Kind, id, row.Name, row.GroupId);
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    /// <summary>Makes a new key and seals everything with it; the earlier keys stay, to open earlier backups.</summary>
    public async Task<KeyRotated> RotateKeyAsync(Caller caller, CancellationToken cancellation)
    {
        caller.Require(caller.PublicGroup ?? 0, Role.Admin);
        var key = keys.Renew();
        var count = await stores.Core.WriteAsync(
            tx =>
            {
                var rows = SecretStore.NotUnder(tx, key.Id);
                foreach (var row in rows)
                {
                    var (id, content) = Reseal(key, row);
                    SecretStore.Update(tx, row with { KeyId = id, Sealed = content }, row.Version);
                }

                Audit.Write(tx, caller, "rotate", "secret_key", null, key.Id);
                return rows.Count;
            },
            cancellation: cancellation
        );
        return new KeyRotated(key.Id, count);
    }

    private (string, string) Reseal(SecretKey key, SecretRow row)
    {
        try
        {
            return box.Reseal(key, row);
        }
        catch (SecretException e)
        {
            throw new RefusedException("SecretKeyError", e.Message);
        }
    }

    private string Open(SecretRow row)
    {
        try
        {
            return box.Open(row);
        }
        catch (SecretException e)
        {
            throw new RefusedException("SecretKeyError", e.Message);
        }
    }

    private static SecretRow Find(ISession s, Caller caller, long id, Role role)
    {
        if (SecretStore.Find(s, id) is not { } row || !caller.Groups.ContainsKey(row.GroupId))
        {
            throw Missing(id);
        }

        caller.Require(row.GroupId, role);
        return row;
    }

    private static NotFoundException Missing(long id) => new(Kind, ("secret_id", id));

    private static long[] Groups(Caller caller) =>
        [.. caller.Groups.Where(g => g.Value >= Role.Contributor).Select(g => g.Key)];

    private static void RequireKnown(
        ISession s,
        Caller caller,
        long group,
        IReadOnlyList<long>? entrypoints,
        IReadOnlyList<long>? queues
    )
    {
        var from = caller.ReferringFrom(group);
        Resources.GetMany(s, ResourceKind.Entrypoint, from, [.. (entrypoints ?? []).Distinct()]);
        Resources.GetMany(s, ResourceKind.Queue, from, [.. (queues ?? []).Distinct()]);
    }

    private static IReadOnlyList<SecretView> Views(ISession s, IReadOnlyList<SecretRow> rows)
    {
        var users = s.Query<UserName>(
                "SELECT id, username FROM user_account WHERE id = ANY(@Ids)",
                new { Ids = rows.Select(r => r.UserId).Distinct().ToArray() }
            )
            .ToDictionary(u => u.Id, u => u.Username);
        return
        [
            .. rows.Select(r => new SecretView(
                r.Id,
                r.GroupId,
                r.Name,
                r.Version,
                r.OnlyEntrypoints,
                r.OnlyQueues,
                users.GetValueOrDefault(r.UserId, ""),
                Wire.Time(r.Created),
                Wire.Time(r.Modified),
                Wire.Time(r.Used),
                r.UsedJob
            )),
        ];
    }

    private sealed record UserName
    {
        public long Id { get; init; }
        public string Username { get; init; } = "";
    }
}
