using Alidade.Server.Configuration;
using Alidade.Server.Entrypoints;
using Alidade.Server.Experiments;
using Alidade.Server.Groups;
using Alidade.Server.Jobs;
using Alidade.Server.Pages;
using Alidade.Server.ParameterTypes;
using Alidade.Server.Platform;
using Alidade.Server.Platform.Input;
using Alidade.Server.Plugins;
using Alidade.Server.Queues;
using Alidade.Server.Tags;
using Alidade.Server.Users;
using Alidade.Server.Workflows;

namespace Alidade.Server.Hosting;

/// <summary>What this server is made of: each feature's services and routes, named once.</summary>
internal static class Features
{
    public static void AddFeatures(this IServiceCollection services, ServerOptions options)
    {
        services.AddOpenApi("v1", openApi => openApi.AddOperationTransformer<BodyTransformer>());
        services.AddPages();
        services.AddSingleton(new RegistrationPolicy(options.Registration, options.Http.IsLoopback));
        services.AddSingleton<SignInStore>();
        services.AddSingleton<UserService>();
        services.AddSingleton<WelcomeService>();
        services.AddSingleton<GroupService>();
        services.AddSingleton<TagService>();
        services.AddSingleton<ResourceTags>();
        services.AddSingleton<QueueService>();
        services.AddSingleton<ParameterTypeService>();
        services.AddSingleton<PluginService>();
        services.AddSingleton<PluginFileService>();
        services.AddSingleton<EntrypointService>();
        services.AddSingleton<ExperimentService>();
        services.AddSingleton<EntrypointValidation>();
        services.AddJobFeatures();
    }

    public static void MapFeatures(this WebApplication app)
    {
        app.MapHealth();
        app.MapOpenApi().AllowAnonymous();
        app.MapPages();
        var api = app.MapGroup(Wire.Root);
        api.MapUserApi();
        api.MapGroupApi();
        api.MapTagApi();
        api.MapQueueApi();
        api.MapParameterTypeApi();
        api.MapPluginApi();
        api.MapEntrypointApi();
        api.MapExperimentApi();
        api.MapWorkflowApi();
        api.MapJobFeatures();
    }
}
