using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Traces;

/// <summary><c>traces/…/assessments</c>, for clients from 3.0 on.</summary>
internal static class AssessmentRoutes
{
    private const string One = "/traces/{trace}/assessments/{id}";

    public static void MapAssessments(this MlflowRoutes routes)
    {
        routes.Post(
            "/traces/{trace}/assessments",
            "Assess a trace",
            (string trace, Proto<CreateAssessment> r, Caller caller, AssessmentFace face, CancellationToken c) =>
                face.CreateAsync(caller, trace, r, c)
        );
        routes.Get(
            One,
            "Get an assessment of a trace",
            (string trace, string id, Caller caller, AssessmentFace face, CancellationToken c) =>
                face.GetAsync(caller, trace, id, c)
        );
        routes.Patch(
            One,
            "Change an assessment of a trace",
            (
                string trace,
                string id,
                Proto<UpdateAssessment> r,
                Caller caller,
                AssessmentFace face,
                CancellationToken c
            ) => face.UpdateAsync(caller, trace, id, r, c)
        );
        routes.Delete(
            One,
            "Delete an assessment of a trace",
            (string trace, string id, Caller caller, AssessmentFace face, CancellationToken c) =>
                face.DeleteAsync(caller, trace, id, c)
        );
    }
}
