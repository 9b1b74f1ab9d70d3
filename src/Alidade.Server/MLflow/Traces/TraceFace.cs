using System.Globalization;
using Alidade.Server.MLflow.Experiments;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;

namespace Alidade.Server.MLflow.Traces;

/// <summary>Traces in MLflow's words. They are kept and found; nothing of ours reads them.</summary>
public sealed class TraceFace(Stores stores)
{
    private const int LongestTag = 8000;
    private const int MostDeleted = 100;

    /// <exception cref="MlflowException">There is none that the caller may see.</exception>
    internal static TraceRow Get(ISession s, Caller caller, string id) =>
        Seen(Storage.Runs.Traces.Find(s, id), caller, id);

    internal static TraceRow GetToChange(ISession s, Caller caller, string id) =>
        Changeable(Storage.Runs.Traces.Find(s, id), caller, id);

    /// <summary>For who writes what it read back: nobody else changes it meanwhile.</summary>
    internal static TraceRow Lock(ITransaction t, Caller caller, string id) =>
        Changeable(Storage.Runs.Traces.Lock(t, id), caller, id);

    public Task<IResult> StartAsync(Caller caller, StartTrace request, CancellationToken cancellation)
    {
        var at = Moments.Micros(request.TimestampMs, "timestamp_ms");
        var info = new TraceInfo(Pairs(request.Tags), Pairs(request.RequestMetadata));
        return WriteAsync(
            t =>
            {
                var row = New(t, caller, request.ExperimentId, "tr-" + Guid.NewGuid().ToString("N")) with
                {
                    At = at ?? t.Now,
                    State = "IN_PROGRESS",
                    Info = info.ToJson(),
                };
                Storage.Runs.Traces.Add(t, row);
                return Old(t, caller, row);
            },
            cancellation
        );
    }

    public Task<IResult> EndAsync(Caller caller, string id, EndTrace request, CancellationToken cancellation)
    {
        var end = Moments.Micros(request.TimestampMs, "timestamp_ms");
        return WriteAsync(
            t =>
            {
                var row = Lock(t, caller, id);
                var info = TraceInfo.Of(row);
                var changed = row with
                {
                    State = StateOf(request.Status) ?? row.State,
                    Info = (
                        info with
                        {
                            Tags = TraceInfo.Merged(info.Tags, Pairs(request.Tags)),
                            Metadata = TraceInfo.Merged(info.Metadata, Pairs(request.RequestMetadata)),
                            Duration = ((end ?? t.Now) - row.At) / 1000,
                        }
                    ).ToJson(),
                };
                Storage.Runs.Traces.Change(t, changed);
                return Old(t, caller, changed);
            },
            cancellation
        );
    }

    /// <summary>A whole trace at once, as clients from 3.0 on send it; the same again replaces it.</summary>
    public Task<IResult> SaveAsync(Caller caller, WholeTrace request, CancellationToken cancellation)
    {
        var given = request.TraceInfo;
        var id = given.TraceId is { Length: > 0 } named ? named : "tr-" + Guid.NewGuid().ToString("N");
        Keys.CheckLength(id, "trace_id", 50);
        var experiment = given.TraceLocation?.MlflowExperiment?.ExperimentId ?? ExperimentIds.Default;
        var at = Moments.OfText(given.RequestTime, "request_time");
        var info = new TraceInfo(
            TextMap.Read(given.Tags, "tags", LongestTag),
            TextMap.Read(given.TraceMetadata, "trace_metadata", LongestTag),
            DurationOf(given.ExecutionDuration),
            given.ClientRequestId,
            given.RequestPreview,
            given.ResponsePreview
        );
        return WriteAsync(
            t =>
            {
                var known = Storage.Runs.Traces.Lock(t, id) is { } there ? Changeable(there, caller, id) : null;
                var assessments = Assessments.Merged(
                    known is null ? [] : TraceInfo.Of(known).Assessments,
                    given.Assessments.Select(a => Assessment.Of(id, a, t.Now))
                );
                var row = (known ?? New(t, caller, experiment, id)) with
                {
                    At = at ?? t.Now,
                    State = StateOf(given.State) ?? "STATE_UNSPECIFIED",
                    Info = (info with { Assessments = assessments }).ToJson(),
                };
                if (known is null)
                {
                    Storage.Runs.Traces.Add(t, row);
                }
                else
                {
                    Storage.Runs.Traces.Change(t, row);
                }

                return New(t, caller, row);
            },
            cancellation
        );
    }

    public Task<IResult> GetOldAsync(Caller caller, string id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Old(s, caller, Get(s, caller, id)), cancellation);

    public Task<IResult> GetNewAsync(Caller caller, string id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => New(s, caller, Get(s, caller, id)), cancellation);

    public Task<IResult> SetTagAsync(Caller caller, string id, TraceTag request, CancellationToken cancellation)
    {
        Keys.Check(request.Key, "key", "key");
        return ChangeTagsAsync(
            caller,
            id,
            tags => tags[request.Key] = Keys.Fit(request.Value ?? "", LongestTag),
            cancellation
        );
    }

    public Task<IResult> DeleteTagAsync(Caller caller, string id, string key, CancellationToken cancellation) =>
        ChangeTagsAsync(
            caller,
            id,
            tags =>
            {
                if (!tags.Remove(key))
                {
                    throw MlflowException.Missing($"No trace tag with key '{key}' for trace with ID '{id}'");
                }
            },
            cancellation
        );

    public Task<IResult> DeleteAsync(Caller caller, DeleteTraces request, CancellationToken cancellation)
    {
        string[] named = [.. request.RequestIds, .. request.TraceIds];
        if (named.Length == 0 == request.MaxTimestampMillis is null)
        {
            throw MlflowException.Invalid(
                "Either `max_timestamp_millis` or `trace_ids` must be specified, but not both."
            );
        }

        if (request.MaxTraces <= 0)
        {
            throw MlflowException.Invalid($"`max_traces` must be a positive integer, received {request.MaxTraces}.");
        }

        var until = Moments.Micros(request.MaxTimestampMillis, "max_timestamp_millis") ?? 0;
        return WriteAsync(
            t =>
            {
                var experiment = ExperimentIds.GetToChange(t, caller, request.ExperimentId).Id;
                var most = (int)Math.Min(request.MaxTraces ?? MostDeleted, MostDeleted);
                var ids = named.Length > 0 ? named : Storage.Runs.Traces.Oldest(t, experiment, until, most);
                return MlflowJson.Answer(new { traces_deleted = Storage.Runs.Traces.Delete(t, experiment, ids) });
            },
            cancellation
        );
    }

    private Task<IResult> ChangeTagsAsync(
        Caller caller,
        string id,
        Action<Dictionary<string, string>> change,
        CancellationToken cancellation
    ) =>
        WriteAsync(
            t =>
            {
                var row = Lock(t, caller, id);
                var info = TraceInfo.Of(row);
                var tags = info.Tags.ToDictionary();
                change(tags);
                Storage.Runs.Traces.Change(t, row with { Info = (info with { Tags = tags }).ToJson() });
                return MlflowJson.Empty();
            },
            cancellation
        );

    private static TraceRow Seen(TraceRow? trace, Caller caller, string id) =>
        trace is not null && caller.Groups.ContainsKey(trace.GroupId)
            ? trace
            : throw MlflowException.Missing($"Trace with ID '{id}' not found.");

    private static TraceRow Changeable(TraceRow? trace, Caller caller, string id)
    {
        var seen = Seen(trace, caller, id);
        caller.Require(seen.GroupId, Role.Contributor);
        return seen;
    }

    private static TraceRow New(ITransaction t, Caller caller, string experiment, string id)
    {
        var found = ExperimentIds.GetActive(t, caller, experiment);
        return new TraceRow
        {
            Id = id,
            Experiment = found.Id,
            GroupId = found.GroupId,
            UserId = caller.UserId,
        };
    }

    private static IResult Old(ISession s, Caller caller, TraceRow row) =>
        MlflowJson.Answer(new { trace_info = TraceInfo.Old(row, ExperimentOf(s, caller, row)) });

    private static IResult New(ISession s, Caller caller, TraceRow row) =>
        MlflowJson.Answer(new { trace = new { trace_info = TraceInfo.New(row, ExperimentOf(s, caller, row)) } });

    internal static string ExperimentOf(ISession s, Caller caller, TraceRow row) =>
        ExperimentIds.Of(Server.Experiments.TrackedExperiments.Find(s, caller, row.Experiment)!);

    private static Dictionary<string, string> Pairs(IReadOnlyList<TagMessage> pairs) =>
        pairs.GroupBy(p => p.Key).ToDictionary(g => g.Key, g => Keys.Fit(g.Last().Value ?? "", LongestTag));

    private static string? StateOf(string? state) =>
        state switch
        {
            null or "" => null,
            "OK" or "ERROR" or "IN_PROGRESS" => state,
            "1" => "OK",
            "2" => "ERROR",
            "3" => "IN_PROGRESS",
            _ => "STATE_UNSPECIFIED",
        };

    private static long? DurationOf(string? text) =>
        text is null ? null
        : decimal.TryParse(
            text.TrimEnd('s'),
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var seconds
        )
        && seconds < 1_000_000_000
            ? (long)(seconds * 1000)
        : throw MlflowException.WrongValue(
            "execution_duration",
            PythonText.Json(text),
            "Must be seconds such as 1.5s."
        );

    private Task<IResult> WriteAsync(Func<ITransaction, IResult> work, CancellationToken cancellation) =>
        stores.Core.WriteAsync(work, cancellation: cancellation);
}
