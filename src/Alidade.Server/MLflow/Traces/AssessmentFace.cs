using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.MLflow.Traces;

/// <summary>Assessments of traces in MLflow's words.</summary>
public sealed class AssessmentFace(Stores stores)
{
    public Task<IResult> CreateAsync(
        Caller caller,
        string trace,
        CreateAssessment request,
        CancellationToken cancellation
    ) =>
        ChangeAsync(
            caller,
            trace,
            (all, now) =>
            {
                var made = Assessment.Of(trace, request.Assessment with { AssessmentId = null }, now);
                return all.Find(made) is { } known ? (all, Answer(known)) : (all.With(made), Answer(made));
            },
            cancellation
        );

    public Task<IResult> GetAsync(Caller caller, string trace, string id, CancellationToken cancellation) =>
        stores.Core.ReadAsync(
            s => Answer(TraceInfo.Of(TraceFace.Get(s, caller, trace)).Assessments.Get(trace, id)),
            cancellation
        );

    public Task<IResult> UpdateAsync(
        Caller caller,
        string trace,
        string id,
        UpdateAssessment request,
        CancellationToken cancellation
    ) =>
        ChangeAsync(
            caller,
            trace,
            (all, now) =>
            {
                var mask = request.UpdateMask.Split(',', StringSplitOptions.TrimEntries);
                var changed = all.Get(trace, id).With(request.Assessment, mask, now);
                return (all.Replaced(changed), Answer(changed));
            },
            cancellation
        );

    /// <summary>One that is not there is deleted already.</summary>
    public Task<IResult> DeleteAsync(Caller caller, string trace, string id, CancellationToken cancellation) =>
        ChangeAsync(
            caller,
            trace,
            (all, _) =>
                (
                    all.FirstOrDefault(a => a.AssessmentId == id) is { } gone ? all.Without(gone) : all,
                    MlflowJson.Empty()
                ),
            cancellation
        );

    private Task<IResult> ChangeAsync(
        Caller caller,
        string trace,
        Func<IReadOnlyList<Assessment>, long, (IReadOnlyList<Assessment> All, IResult Answer)> change,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            t =>
            {
                var row = TraceFace.Lock(t, caller, trace);
                var info = TraceInfo.Of(row);
                var (all, answer) = change(info.Assessments, t.Now);
                Storage.Runs.Traces.Change(t, row with { Info = (info with { Assessments = all }).ToJson() });
                return answer;
            },
            cancellation: cancellation
        );

    private static IResult Answer(Assessment assessment) => MlflowJson.Answer(new { assessment });
}
