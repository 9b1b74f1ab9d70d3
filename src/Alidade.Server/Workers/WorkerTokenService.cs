using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Workers;

namespace Alidade.Server.Workers;

/// <param name="Queues">Names of queues its workers may serve, with <c>*</c> for any characters; all when left out.</param>
public sealed record WorkerTokenInput(
    long Group,
    [Name] string Name = "worker",
    [Length(1, 1000)] IReadOnlyList<string>? Queues = null
);

/// <param name="Token">Shown here and never again.</param>
public sealed record WorkerTokenCreated(long Id, string Name, string Pool, string Token);

public sealed record WorkerTokenView(
    long Id,
    string Name,
    string Pool,
    string CreatedOn,
    string? UsedOn,
    string? RevokedOn
);

/// <summary>Tokens that let workers in; a group's admin makes and revokes them.</summary>
public sealed class WorkerTokenService(Stores stores)
{
    private const int DefaultSlots = 1000;
    private const string EmbeddedPool = "embedded";

    public Task<WorkerTokenCreated> CreateAsync(Caller caller, WorkerTokenInput input, CancellationToken cancellation)
    {
        if (input.Queues?.Any(string.IsNullOrWhiteSpace) is true)
        {
            throw new InvalidInputException("queues", "A queue needs a name; leave queues out to allow all.");
        }

        var secret = WorkerCredential.NewToken();
        return stores.Core.WriteAsync(
            tx =>
            {
                caller.Require(input.Group, Role.Admin);
                var queues = input.Queues ?? ["*"];
                var name = $"group {input.Group}: {string.Join(", ", queues)}";
                var pool = Pools.Ensure(tx, name, [input.Group], queues, DefaultSlots, caller.UserId);
                var id = Pools.AddToken(tx, pool, input.Name, secret, caller.UserId);
                Audit.Write(tx, caller, "create", "worker_token", id, input.Name, input.Group);
                return new WorkerTokenCreated(id, input.Name, name, secret);
            },
            cancellation: cancellation
        );
    }

    /// <summary>
    /// A fresh token for the worker inside a server, which serves every group; the one of an earlier start is revoked.
    /// </summary>
    /// <param name="worker">Its name, which no worker inside another server on the same database has.</param>
    public Task<string> IssueEmbeddedAsync(string worker, CancellationToken cancellation)
    {
        var secret = WorkerCredential.NewToken();
        return stores.Core.WriteAsync(
            tx =>
            {
                var pool = Pools.Ensure(tx, EmbeddedPool, [], ["*"], DefaultSlots, null);
                foreach (var earlier in Pools.Tokens(tx, pool).Where(t => t.Revoked is null && t.Name == worker))
                {
                    Pools.Revoke(tx, earlier.Id);
                }

                Pools.AddToken(tx, pool, worker, secret, null);
                return secret;
            },
            cancellation: cancellation
        );
    }

    public Task<IReadOnlyList<WorkerTokenView>> ListAsync(Caller caller, long group, CancellationToken cancellation) =>
        stores.Core.ReadAsync<IReadOnlyList<WorkerTokenView>>(
            s =>
            {
                caller.Require(group, Role.Admin);
                return
                [
                    .. Pools
                        .All(s)
                        .Where(p => Pools.Groups(s, p.Id).Contains(group))
                        .SelectMany(p => Pools.Tokens(s, p.Id).Select(t => View(p, t))),
                ];
            },
            cancellation
        );

    public Task<Deletion> RevokeAsync(Caller caller, long id, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            tx =>
            {
                var groups = tx.Query<long>(
                    "SELECT g.group_id FROM worker_token t JOIN pool_group g ON g.pool = t.pool WHERE t.id = @Id",
                    new { Id = id }
                );
                var mine = groups.Where(g => caller.Groups.ContainsKey(g)).ToList();
                if (mine.Count == 0)
                {
                    throw new NotFoundException("worker_token", ("token_id", id));
                }

                caller.Require(mine[0], Role.Admin);
                Pools.Revoke(tx, id);
                Audit.Write(tx, caller, "revoke", "worker_token", id, group: mine[0]);
                return Deletion.Of(id);
            },
            cancellation: cancellation
        );

    private static WorkerTokenView View(PoolRow pool, TokenRow token) =>
        new(token.Id, token.Name, pool.Name, Wire.Time(token.Created), Wire.Time(token.Used), Wire.Time(token.Revoked));
}
