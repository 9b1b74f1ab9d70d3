using Alidade.Engine.Plans;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Server.Plugins;
using Alidade.Storage.Platform;

namespace Alidade.Server.Entrypoints;

/// <summary><c>/entrypoints</c>.</summary>
public static class EntrypointApi
{
    public static void MapEntrypointApi(this IEndpointRouteBuilder api)
    {
        var routes = api.MapVersioned<EntrypointService, EntrypointInput, EntrypointChange, EntrypointView>(
            ResourceKind.Entrypoint
        );
        routes.MapLinks(Links.QueuesOfEntrypoint);
        MapPins<PluginIds>(routes, "plugins", EntrypointPins.Plugin, input => input.Plugins);
        MapPins<ArtifactPluginIds>(routes, "artifactPlugins", EntrypointPins.Artifact, input => input.ArtifactPlugins);
        var snapshot = routes.MapGroup("/{id:long}/snapshots/{snapshot:long}");
        snapshot.MapGet("/config", Config).WithSummary("What the task engine reads of it");
        snapshot
            .MapGet(
                "/artifactPlugins",
                (long id, long snapshot, Caller caller, EntrypointService service, CancellationToken c) =>
                    service.PluginsAtAsync(caller, id, snapshot, EntrypointPins.Artifact, c)
            )
            .WithSummary("List the artifact plugins that a snapshot pins");
        MapBundle(snapshot, "/plugins/bundle", EntrypointPins.Plugin, "plugins_bundle");
        MapBundle(snapshot, "/artifactPlugins/bundle", EntrypointPins.Artifact, "artifact_serialize_bundle");
    }

    private static void MapBundle(RouteGroupBuilder snapshot, string path, string role, string name) =>
        snapshot
            .MapGet(
                path,
                async (
                    long id,
                    long snapshot,
                    string? fileType,
                    HttpContext http,
                    Caller caller,
                    Stores stores,
                    PluginBundle bundle,
                    CancellationToken c
                ) =>
                {
                    var plugins = await stores.Core.ReadAsync(
                        s =>
                        {
                            var at = Resources.GetSnapshot(s, ResourceKind.Entrypoint, caller, id, snapshot);
                            var pins = EntrypointPins.Load(s, [at.Snapshot])[(at.Snapshot, role)];
                            return PluginBundle.Read(s, pins.Select(p => (p.Id, p.Name, p.SnapshotId)));
                        },
                        c
                    );
                    return bundle.Download(http, name, fileType, plugins);
                }
            )
            .WithSummary("Download the files of its pinned plugins as one archive");

    private static void MapPins<TInput>(
        RouteGroupBuilder routes,
        string path,
        string role,
        Func<TInput, IReadOnlyList<long>> ids
    )
        where TInput : class
    {
        var pins = routes.MapGroup($"/{{id:long}}/{path}");
        pins.MapGet(
                "/",
                (long id, Caller caller, EntrypointService service, CancellationToken c) =>
                    service.PluginsAsync(caller, id, role, c)
            )
            .WithSummary($"List its {path}");
        pins.MapPost(
                "/",
                (long id, Input<TInput> input, Caller caller, EntrypointService service, CancellationToken c) =>
                    service.PinAsync(caller, id, role, ids(input.Value), c)
            )
            .WithSummary($"Add {path}, or move them to their newest snapshots");
        pins.MapGet(
                "/{plugin:long}",
                (long id, long plugin, Caller caller, EntrypointService service, CancellationToken c) =>
                    service.PluginAsync(caller, id, role, plugin, c)
            )
            .WithSummary($"Get one of its {path}");
        pins.MapDelete(
                "/{plugin:long}",
                (long id, long plugin, Caller caller, EntrypointService service, CancellationToken c) =>
                    service.UnpinAsync(caller, id, role, plugin, c)
            )
            .WithSummary($"Remove one of its {path}");
    }

    private static async Task<IResult> Config(
        long id,
        long snapshot,
        Caller caller,
        Stores stores,
        CancellationToken cancellation
    )
    {
        var (json, issues) = await stores.Core.ReadAsync(
            s =>
            {
                var at = Resources.GetSnapshot(s, ResourceKind.Entrypoint, caller, id, snapshot);
                return EntrypointConfig.Write(EntrypointDefinitions.Load(s, at));
            },
            cancellation
        );
        return json is null
            ? throw new RefusedException("InvalidYamlError", string.Join(" ", issues.Select(i => i.ToString())))
            : Results.Text(json, "application/json");
    }
}
