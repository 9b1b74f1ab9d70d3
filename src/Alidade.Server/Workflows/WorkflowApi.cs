using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Workflows;

/// <summary><c>/workflows</c>: what helps while one writes plugins and entrypoints.</summary>
public static class WorkflowApi
{
    public static void MapWorkflowApi(this IEndpointRouteBuilder api)
    {
        var workflows = api.MapGroup("/workflows").WithTags("workflows");
        workflows
            .MapPost(
                "/pluginTaskSignatureAnalysis",
                (Input<SourceInput> input, Caller caller) => SignatureAnalysis.Of(input.Value.PythonCode)
            )
            .WithSummary("Find the tasks in a plugin file, without running it");
        workflows
            .MapPost(
                "/validateEntrypoint",
                (Input<EntrypointDraft> input, Caller caller, EntrypointValidation validation, CancellationToken c) =>
                    validation.CheckAsync(caller, input, c)
            )
            .WithSummary("Check an entrypoint before saving it: every issue at once");
    }
}
