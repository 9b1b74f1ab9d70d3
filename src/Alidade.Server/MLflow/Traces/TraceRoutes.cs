using Alidade.Server.MLflow.Artifacts;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.MLflow.Traces;

/// <summary><c>traces/…</c>, for clients before and from 3.0.</summary>
internal static class TraceRoutes
{
    public static void MapTraces(this IEndpointRouteBuilder app)
    {
        var old = new MlflowRoutes(app);
        old.Post(
            "/traces",
            "Begin a trace",
            (Proto<StartTrace> r, Caller caller, TraceFace face, CancellationToken c) => face.StartAsync(caller, r, c)
        );
        old.Get(
            "/traces",
            "Search traces",
            (ProtoQuery<SearchOldTraces> r, Caller caller, TraceSearch search, CancellationToken c) =>
                search.OldAsync(caller, r, c)
        );
        old.Patch(
            "/traces/{id}",
            "End a trace",
            (string id, Proto<EndTrace> r, Caller caller, TraceFace face, CancellationToken c) =>
                face.EndAsync(caller, id, r, c)
        );
        old.Get(
            "/traces/{id}/info",
            "Get a trace",
            (string id, Caller caller, TraceFace face, CancellationToken c) => face.GetOldAsync(caller, id, c)
        );
        old.Get(
            "/get-trace-artifact",
            "Get the spans of a trace",
            (ProtoQuery<TraceArtifact> r, HttpContext http, Caller caller, ArtifactFace face, CancellationToken c) =>
                face.GetOfAsync(http, caller, r.Value.RequestId, "traces.json", c)
        );
        MapBoth(old);

        var now = new MlflowRoutes(app, "3.0");
        now.Post(
            "/traces",
            "Record a trace",
            (Proto<SaveTrace> r, Caller caller, TraceFace face, CancellationToken c) =>
                face.SaveAsync(caller, r.Value.Trace, c)
        );
        now.Get(
            "/traces/{id}",
            "Get a trace",
            (string id, Caller caller, TraceFace face, CancellationToken c) => face.GetNewAsync(caller, id, c)
        );
        now.PostToRead(
            "/traces/search",
            "Search traces",
            (Proto<SearchTraces> r, Caller caller, TraceSearch search, CancellationToken c) =>
                search.NewAsync(caller, r, c)
        );
        now.Get(
            "/get-trace-artifact",
            "Get the spans of a trace",
            (ProtoQuery<TraceArtifact> r, HttpContext http, Caller caller, ArtifactFace face, CancellationToken c) =>
                face.GetOfAsync(http, caller, r.Value.RequestId, "traces.json", c)
        );
        MapBoth(now);
        now.MapAssessments();
    }

    private static void MapBoth(MlflowRoutes routes)
    {
        routes.Post(
            "/traces/delete-traces",
            "Delete traces",
            (Proto<DeleteTraces> r, Caller caller, TraceFace face, CancellationToken c) =>
                face.DeleteAsync(caller, r, c)
        );
        routes.Patch(
            "/traces/{id}/tags",
            "Tag a trace",
            (string id, Proto<TraceTag> r, Caller caller, TraceFace face, CancellationToken c) =>
                face.SetTagAsync(caller, id, r, c)
        );
        routes.Delete(
            "/traces/{id}/tags",
            "Take a tag from a trace",
            (string id, HttpContext http, Caller caller, TraceFace face, CancellationToken c) =>
                DeleteTagAsync(id, http, caller, face, c)
        );
    }

    /// <summary>Clients name the tag in the body or in the query.</summary>
    private static async Task<IResult> DeleteTagAsync(
        string id,
        HttpContext http,
        Caller caller,
        TraceFace face,
        CancellationToken cancellation
    )
    {
        var key = http.Request.Query["key"].LastOrDefault() is { Length: > 0 } given
            ? given
            : (await Proto<TraceTagKey>.BindAsync(http, null!)).Value.Key;
        return await face.DeleteTagAsync(caller, id, key, cancellation);
    }
}
