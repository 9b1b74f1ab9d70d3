using System.Text.Json.Nodes;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Jobs: their state, log, steps and numbers.</summary>
public sealed class JobClient
{
    private readonly Transport _transport;

    internal JobClient(Transport transport) => _transport = transport;

    public Task<Job> GetAsync(long id, CancellationToken cancellation = default) =>
        _transport.GetAsync<Job>($"jobs/{id}", cancellation);

    public Task<Page<Job>> ListAsync(Listing listing, CancellationToken cancellation = default) =>
        _transport.GetAsync<Page<Job>>(listing.Of("jobs/"), cancellation);

    /// <summary>Asks for its end. A queued job is cancelled at once, a running one when its process has ended.</summary>
    public Task CancelAsync(long id, CancellationToken cancellation = default) =>
        _transport.PostAsync<JsonNode>($"jobs/{id}/cancel", null, cancellation);

    /// <summary>Runs a job that has ended again: the same snapshot and values, another attempt.</summary>
    public Task<Job> RequeueAsync(long id, CancellationToken cancellation = default) =>
        _transport.PostAsync<Job>($"jobs/{id}/requeue", null, cancellation);

    /// <param name="after">Number of the last line known; 0 for all.</param>
    public Task<LogPage> LogAsync(long id, long after, int limit = 2000, CancellationToken cancellation = default) =>
        _transport.GetAsync<LogPage>(Query.Of($"jobs/{id}/lines", ("after", after), ("limit", limit)), cancellation);

    /// <summary>Every state it was in, oldest first.</summary>
    public Task<IReadOnlyList<JobChange>> HistoryAsync(long id, CancellationToken cancellation = default) =>
        _transport.GetAsync<IReadOnlyList<JobChange>>($"jobs/{id}/history", cancellation);

    public Task<IReadOnlyList<Step>> StepsAsync(long id, CancellationToken cancellation = default) =>
        _transport.GetAsync<IReadOnlyList<Step>>($"jobs/{id}/steps", cancellation);

    public Task<IReadOnlyList<Metric>> MetricsAsync(long id, CancellationToken cancellation = default) =>
        _transport.GetAsync<IReadOnlyList<Metric>>($"jobs/{id}/metrics", cancellation);

    /// <summary>The id of the run that holds its files and numbers.</summary>
    public async Task<string> RunAsync(long id, CancellationToken cancellation = default) =>
        (await _transport.GetAsync<JsonNode>($"jobs/{id}/mlflowRun", cancellation))["mlflowRunId"]!.GetValue<string>();

    /// <summary>What shaped it, and what each attempt ran in and left.</summary>
    public Task<JobRecord> RecordAsync(long id, CancellationToken cancellation = default) =>
        _transport.GetAsync<JobRecord>($"jobs/{id}/record", cancellation);

    /// <summary>The whole record as the server gives it.</summary>
    public Task<JsonNode> RecordJsonAsync(long id, CancellationToken cancellation = default) =>
        _transport.GetAsync<JsonNode>($"jobs/{id}/record", cancellation);

    /// <summary>Exactly what differs between two jobs.</summary>
    public Task<JobComparison> CompareAsync(long id, long with, CancellationToken cancellation = default) =>
        _transport.GetAsync<JobComparison>(Query.Of($"jobs/{id}/record/compare", ("with", with)), cancellation);

    public Task<IReadOnlyList<Result>> ResultsAsync(long id, CancellationToken cancellation = default) =>
        _transport.GetAsync<IReadOnlyList<Result>>($"jobs/{id}/results", cancellation);
}
