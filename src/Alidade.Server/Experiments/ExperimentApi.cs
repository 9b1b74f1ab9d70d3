using Alidade.Server.Platform.Resources;

namespace Alidade.Server.Experiments;

/// <summary><c>/experiments</c>; their jobs are mapped by the jobs feature.</summary>
public static class ExperimentApi
{
    public static void MapExperimentApi(this IEndpointRouteBuilder api) =>
        api.MapVersioned<ExperimentService, ExperimentInput, ExperimentChange, ExperimentView>(ResourceKind.Experiment)
            .MapLinks(Links.EntrypointsOfExperiment);
}
