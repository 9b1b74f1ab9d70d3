using Alidade.Engine.Protocol;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <param name="Folders">Absolute paths on the workers' machines, by the name jobs ask for them with.</param>
public sealed record PoolDataInput(IReadOnlyDictionary<string, string?> Folders);

/// <param name="Groups">Whose queues its workers serve; empty for all.</param>
/// <param name="DataFolders">What its workers are to show to jobs, by name.</param>
public sealed record PoolView(
    long Id,
    string Name,
    IReadOnlyList<long> Groups,
    IReadOnlyList<string> Queues,
    IReadOnlyDictionary<string, string> DataFolders
);

/// <summary>What pools declare for all of their workers.</summary>
public sealed class PoolService(Stores stores)
{
    private const int Most = 100;
    private const int LongestPath = 1000;

    /// <summary>The pools that serve groups of the caller.</summary>
    public Task<IReadOnlyList<PoolView>> ListAsync(Caller caller, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<PoolView>>(
            s => [.. Pools.All(s).Select(p => View(s, p)).Where(p => Serves(p.Groups, caller))],
            cancellation
        );

    /// <summary>Replaces the folders; workers learn of it with their next session.</summary>
    public Task<PoolView> SetDataFoldersAsync(
        Caller caller,
        long id,
        PoolDataInput input,
        CancellationToken cancellation
    )
    {
        var folders = Checked(input.Folders);
        return stores.Core.WriteAsync(
            tx =>
            {
                if (Pools.Find(tx, id) is not { } pool || !Serves(Pools.Groups(tx, id), caller))
                {
                    throw new NotFoundException("pool", ("pool_id", id));
                }

                var group = RequireAdmin(tx, caller, id);
                Pools.SetDataFolders(tx, id, folders);
                Audit.Write(tx, caller, "data", "pool", id, pool.Name, group);
                return View(tx, Pools.Find(tx, id)!);
            },
            cancellation: cancellation
        );
    }

    /// <summary>Admins of every group that a pool serves; of the public group where it serves all.</summary>
    /// <returns>A group that it serves.</returns>
    internal static long RequireAdmin(ISession s, Caller caller, long pool)
    {
        var owners = Owners(s, caller, pool);
        if (owners.Count == 0)
        {
            throw new NotFoundException("pool", ("pool_id", pool));
        }

        foreach (var group in owners)
        {
            caller.Require(group, Role.Admin);
        }

        return owners[0];
    }

    /// <summary>Whether <see cref="RequireAdmin"/> would let the caller through.</summary>
    internal static bool IsAdmin(ISession s, Caller caller, long pool) =>
        Owners(s, caller, pool) is { Count: > 0 } owners
        && owners.All(group => caller.Groups.TryGetValue(group, out var role) && role >= Role.Admin);

    private static IReadOnlyList<long> Owners(ISession s, Caller caller, long pool) =>
        Pools.Groups(s, pool) is { Count: > 0 } groups ? groups
        : caller.PublicGroup is { } everyone ? [everyone]
        : [];

    internal static bool Serves(IReadOnlyList<long> groups, Caller caller) =>
        groups.Count == 0 || groups.Any(caller.Groups.ContainsKey);

    private static Dictionary<string, string> Checked(IReadOnlyDictionary<string, string?> folders)
    {
        var wrong =
            folders.Count > Most ? $"More than {Most} folders."
            : folders.Keys.FirstOrDefault(name => !NeedName.IsValid(name)) is { } name
                ? $"'{name}' is no such name: it must {NeedName.Rule}."
            : !folders.Values.All(IsPath)
                ? $"Give each name an absolute path without '..' and of at most {LongestPath} characters."
            : null;
        return wrong is null
            ? folders.ToDictionary(f => f.Key, f => f.Value!)
            : throw new InvalidInputException("folders", wrong);
    }

    /// <summary>Whether the folder is there, and may be shown, only the worker can say.</summary>
    private static bool IsPath(string? path) =>
        path is { Length: > 0 and <= LongestPath }
        && path[0] == '/'
        && !path.Any(char.IsControl)
        && !path.Split('/').Contains("..");

    private static PoolView View(ISession s, PoolRow pool) =>
        new(pool.Id, pool.Name, Pools.Groups(s, pool.Id), pool.QueueNames, pool.DataFolders);
}
