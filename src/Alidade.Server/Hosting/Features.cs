using Alidade.Server.Audits;
using Alidade.Server.Configuration;
using Alidade.Server.Drafts;
using Alidade.Server.Entrypoints;
using Alidade.Server.Experiments;
using Alidade.Server.Groups;
using Alidade.Server.Imports;
using Alidade.Server.Jobs;
using Alidade.Server.MLflow;
using Alidade.Server.MLflow.Protocol;
using Alidade.Server.Models;
using Alidade.Server.Pages;
using Alidade.Server.ParameterTypes;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Plugins;
using Alidade.Server.Queues;
using Alidade.Server.Secrets;
using Alidade.Server.Tags;
using Alidade.Server.Tokens;
using Alidade.Server.Trash;
using Alidade.Server.Users;
using Alidade.Server.Workflows;

namespace Alidade.Server.Hosting;

/// <summary>What this server is made of: each feature's services and routes, named once.</summary>
internal static class Features
{
    public static void AddFeatures(this IServiceCollection services, ServerOptions options)
    {
        services.AddOpenApi(
            "v1",
            openApi =>
                openApi
                    .AddOperationTransformer<BodyTransformer>()
                    .AddOperationTransformer<QueryTransformer>()
                    .AddOperationTransformer<ParameterTransformer>()
        );
        services.AddPages();
        services.AddSingleton(new RegistrationPolicy(options.Registration, options.Http));
        services.AddSingleton<OtherMethods>();
        services.AddSingleton<SignInStore>();
        services.AddSingleton<TokenUse>();
        services.AddHostedService(provider => provider.GetRequiredService<TokenUse>());
        services.AddSingleton<TokenStore>();
        services.AddSingleton<TokenService>();
        services.AddSingleton<Callers>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<PasswordGate>();
        services.AddSingleton<AccountService>();
        services.AddSingleton<UserService>();
        services.AddSingleton<WelcomeService>();
        services.AddSingleton<GroupService>();
        services.AddSingleton<GroupLifecycle>();
        services.AddSingleton<QuotaService>();
        services.AddSingleton<AuditService>();
        services.AddSingleton<MemberService>();
        services.AddSingleton<InvitationService>();
        services.AddSingleton<TagService>();
        services.AddSingleton<ResourceTags>();
        services.AddSingleton<DraftService>();
        services.AddDraftable<QueueService>();
        services.AddDraftable<ParameterTypeService>();
        services.AddDraftable<PluginService>();
        services.AddDraftable<PluginFileService>();
        services.AddSingleton<PluginBundle>();
        services.AddDraftable<EntrypointService>();
        services.AddDraftable<ExperimentService>();
        services.AddSingleton<EntrypointValidation>();
        services.AddDraftable<ModelService>();
        services.AddSingleton<ModelVersionService>();
        services.AddSingleton<AliasService>();
        services.AddSingleton<LineageService>();
        services.AddSingleton<RegistryReader>();
        services.AddTrash();
        services.AddSingleton<ImportWriter>();
        services.AddSingleton<GraphWarnings>();
        services.AddSingleton<ImportService>();
        services.AddSingleton<SecretBox>();
        services.AddSingleton<SecretService>();
        services.AddSingleton<SecretDelivery>();
        services.AddJobFeatures();
        services.AddMlflow();
    }

    public static void MapFeatures(this WebApplication app)
    {
        app.MapHealth();
        app.MapOpenApi().AllowAnonymous();
        // Where Dioptra's pages look for it.
        app.MapOpenApi("/swagger.json").AllowAnonymous();
        app.MapPages();
        var api = app.MapGroup(Wire.Root);
        api.MapUserApi();
        api.MapTokenApi();
        api.MapGroupApi();
        api.MapAuditApi();
        api.MapTagApi();
        api.MapQueueApi();
        api.MapParameterTypeApi();
        api.MapPluginApi();
        api.MapEntrypointApi();
        api.MapExperimentApi();
        api.MapModelApi();
        api.MapTrashApi();
        api.MapWorkflowApi();
        api.MapSecretApi();
        api.MapJobFeatures();
        app.MapMlflow();
    }
}
