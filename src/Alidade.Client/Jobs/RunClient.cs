using System.Text.Json.Nodes;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>Runs that stand alone, as programs write them. Everything here may be sent again and counts once.</summary>
public sealed class RunClient
{
    private readonly Transport _transport;

    internal RunClient(Transport transport) => _transport = transport;

    /// <summary>Begins the run or says more about it.</summary>
    public Task<Run> PutAsync(string id, RunContent content, CancellationToken cancellation = default) =>
        _transport.PutAsync<Run>($"runs/{id}", content, cancellation);

    /// <summary>Adds the next batch of one that writes the log.</summary>
    /// <param name="writer">Its name; no other writer of the run has it.</param>
    /// <param name="batch">From 1, without gaps.</param>
    public Task AddLinesAsync(
        string id,
        string writer,
        long batch,
        IReadOnlyList<RunLine> lines,
        CancellationToken cancellation = default
    ) =>
        _transport.PostAsync<JsonNode>(
            $"runs/{id}/log",
            new
            {
                writer,
                batch,
                lines,
            },
            cancellation
        );

    public Task<LogPage> LogAsync(string id, long after, int limit = 2000, CancellationToken cancellation = default) =>
        _transport.GetAsync<LogPage>(Query.Of($"runs/{id}/lines", ("after", after), ("limit", limit)), cancellation);

    /// <summary>Its files by path, those of its folders too.</summary>
    public async Task<IReadOnlyList<RunFile>> FilesAsync(string id, CancellationToken cancellation = default) =>
        (await _transport.GetAsync<Contents>($"runs/{id}", cancellation)).Files;

    /// <summary>Puts a file among its artifacts; what was under this path is replaced.</summary>
    public async Task PutFileAsync(Run run, string path, Stream content, CancellationToken cancellation = default)
    {
        using var body = new StreamContent(content);
        var name = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        await _transport.PutAsync<JsonNode>(
            $"/api/2.0/mlflow-artifacts/artifacts/{run.Group}/{run.Id}/artifacts/{name}",
            body,
            cancellation
        );
    }

    /// <summary>Begins a large file that is sent piece by piece.</summary>
    internal Task<Upload> BeginUploadAsync(
        string id,
        string path,
        long size,
        string sha256,
        CancellationToken cancellation
    ) =>
        _transport.PostAsync<Upload>(
            $"runs/{id}/uploads/",
            new
            {
                path,
                size,
                sha256,
            },
            cancellation
        );

    internal Task<Upload> UploadAsync(string id, string upload, CancellationToken cancellation) =>
        _transport.GetAsync<Upload>($"runs/{id}/uploads/{upload}", cancellation);

    internal Task<Upload> AppendAsync(
        string id,
        string upload,
        long offset,
        HttpContent piece,
        CancellationToken cancellation
    ) =>
        _transport.PatchAsync<Upload>(Query.Of($"runs/{id}/uploads/{upload}", ("offset", offset)), piece, cancellation);

    internal Task<Upload> CompleteAsync(string id, string upload, CancellationToken cancellation) =>
        _transport.PostAsync<Upload>($"runs/{id}/uploads/{upload}/complete", null, cancellation);

    /// <summary>A file of the run from an offset on, with its SHA-256.</summary>
    internal Task<(Stream Content, string? Sha256)> OpenFileAtAsync(
        string id,
        string path,
        long offset,
        CancellationToken cancellation
    ) =>
        _transport.OpenAtAsync(
            Query.Of("/api/2.0/mlflow/get-artifact", ("run_id", id), ("path", path)),
            offset,
            cancellation
        );

    /// <summary>A file of the run, as it arrives.</summary>
    public Task<Stream> OpenFileAsync(string id, string path, CancellationToken cancellation = default) =>
        _transport.OpenAsync(Query.Of("/api/2.0/mlflow/get-artifact", ("run_id", id), ("path", path)), cancellation);

    /// <summary>Reads by the tracking protocol.</summary>
    public Task<JsonNode> TrackedAsync(string call, CancellationToken cancellation = default) =>
        _transport.GetAsync<JsonNode>("/api/2.0/mlflow/" + call, cancellation);

    /// <summary>A call of the tracking protocol that may be repeated, such as <c>runs/log-batch</c>.</summary>
    public Task<JsonNode> TrackAsync(string call, object body, CancellationToken cancellation = default) =>
        _transport.PostAsync<JsonNode>("/api/2.0/mlflow/" + call, body, cancellation);

    private sealed record Contents(IReadOnlyList<RunFile> Files);
}

/// <summary>What is said of a run; null leaves it as it is. Times in microseconds.</summary>
public sealed record RunContent(
    string? Experiment = null,
    string? Name = null,
    string? Status = null,
    long? Started = null,
    long? Ended = null,
    IReadOnlyDictionary<string, string>? Parameters = null,
    IReadOnlyDictionary<string, string>? Tags = null
);

/// <param name="Page">Path of the page that shows it.</param>
public sealed record Run(
    string Id,
    string Name,
    long Experiment,
    string ExperimentName,
    long Group,
    string Status,
    string Page
);

/// <param name="Time">Microseconds since 1970 UTC.</param>
/// <param name="Stream"><c>stdout</c>, <c>stderr</c>, <c>log</c> or <c>system</c>.</param>
public sealed record RunLine(long Time, string Stream, string Severity, string Message);

/// <param name="Path">Within the run.</param>
/// <param name="MediaType">What its name says it is.</param>
public sealed record RunFile(string Path, long Size, string Sha256, string MediaType);

internal sealed record Upload(string Id, long Offset, bool Complete, string? Sha256);
