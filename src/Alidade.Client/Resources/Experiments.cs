using System.Text.Json.Nodes;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Experiments and the jobs submitted in them.</summary>
public sealed class ExperimentClient : ResourceClient<Experiment, ExperimentContent>
{
    internal ExperimentClient(Transport transport)
        : base(transport, "experiments") { }

    /// <summary>Links entrypoints to an experiment; those already linked stay.</summary>
    public Task AddEntrypointsAsync(long id, IReadOnlyList<long> ids, CancellationToken cancellation = default) =>
        Transport.PostAsync<JsonNode>($"experiments/{id}/entrypoints", new { ids }, cancellation);

    public Task<Job> SubmitAsync(long id, JobContent job, CancellationToken cancellation = default) =>
        Transport.PostAsync<Job>($"experiments/{id}/jobs", job, cancellation);

    public Task<Page<Job>> ListJobsAsync(long id, Listing listing, CancellationToken cancellation = default) =>
        Transport.GetAsync<Page<Job>>(listing.Of($"experiments/{id}/jobs"), cancellation);
}

public sealed record Experiment(
    long Id,
    long Snapshot,
    string Name,
    string? Description,
    IReadOnlyList<Reference> Entrypoints
) : IResource;

public sealed record ExperimentContent(string Name, string? Description, IReadOnlyList<long> Entrypoints);
