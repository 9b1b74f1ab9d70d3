using System.Text.Json;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Jobs.Policies;

/// <summary>Policies of queues and entrypoints. A change concerns jobs submitted after it.</summary>
public sealed class PolicyService(Stores stores)
{
    public Task<JobPolicy> GetAsync(Caller caller, ResourceKind kind, long id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s =>
            {
                Resources.Get(s, kind, caller, id);
                return Find(s, [id]).GetValueOrDefault(id, JobPolicy.None);
            },
            cancellation
        );

    /// <summary>Replaces the policy: a member that is left out says nothing any more.</summary>
    public Task<JobPolicy> SetAsync(
        Caller caller,
        ResourceKind kind,
        long id,
        JobPolicy policy,
        CancellationToken cancellation
    )
    {
        policy = policy.Checked();
        return stores.Core.WriteAsync(
            tx =>
            {
                Resources.GetToChange(tx, kind, caller, id);
                var json = JsonSerializer.Serialize(policy, JsonSerializerOptions.Web);
                tx.Execute(
                    """
                    INSERT INTO job_policy (resource, policy) VALUES (@id, @json)
                    ON CONFLICT (resource) DO UPDATE SET policy = excluded.policy
                    """,
                    new { id, json }
                );
                Audit.Write(tx, caller, "policy", kind.Name, id, json);
                return policy;
            },
            cancellation: cancellation
        );
    }

    /// <summary>What a job of this entrypoint in this queue goes by, under its own word.</summary>
    internal static JobPolicy Effective(ISession s, JobPolicy own, long entrypoint, long queue)
    {
        var found = Find(s, [entrypoint, queue]);
        return own.Over(found.GetValueOrDefault(entrypoint, JobPolicy.None))
            .Over(found.GetValueOrDefault(queue, JobPolicy.None));
    }

    private static Dictionary<long, JobPolicy> Find(ISession s, long[] ids) =>
        s.Query<PolicyRow>("SELECT resource, policy FROM job_policy WHERE resource = ANY(@ids)", new { ids })
            .ToDictionary(
                p => p.Resource,
                p => JsonSerializer.Deserialize<JobPolicy>(p.Policy, JsonSerializerOptions.Web)!
            );

    private sealed record PolicyRow
    {
        public long Resource { get; init; }
        public string Policy { get; init; } = "";
    }
}
