using Alidade.Server.Drafts;
using Alidade.Server.Imports;
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
            .WithSummary("Find the tasks in a plugin file, without running it")
            .Needs(Access.See);
        workflows
            .MapPost(
                "/validateEntrypoint",
                (Input<EntrypointDraft> input, Caller caller, EntrypointValidation validation, CancellationToken c) =>
                    validation.CheckAsync(caller, input, c)
            )
            .WithSummary("Check an entrypoint before saving it: every issue at once")
            .Needs(Access.See);
        workflows
            .MapPost(
                "/draftCommit/{draft:long}",
                (long draft, Caller caller, DraftService drafts, CancellationToken c) =>
                    drafts.CommitAsync(caller, draft, c)
            )
            .WithSummary("Publish one of your drafts: create or change what it stands for");
        workflows
            .MapPost(
                "/resourceImport",
                (ImportForm form, Caller caller, ImportService imports, CancellationToken c) =>
                    imports.ImportAsync(caller, form, c)
            )
            .WithSummary("Import plugins, types and entrypoints from a git repository, an archive or files");
    }
}
