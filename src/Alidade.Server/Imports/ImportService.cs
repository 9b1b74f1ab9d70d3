using System.Text.Json.Serialization;
using Alidade.Server.Configuration;
using Alidade.Server.Imports.Git;
using Alidade.Server.Imports.Sources;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;

namespace Alidade.Server.Imports;

/// <summary>
/// Brings plugins, types and entrypoints from a git repository, an archive or files into a group. Nothing of a source is
/// executed; everything is read and checked before the one transaction that writes it.
/// </summary>
public sealed class ImportService(
    Stores stores,
    IBlobStore blobs,
    ImportWriter writer,
    GraphWarnings graphs,
    ServerOptions options,
    TimeProvider time
) : IDisposable
{
    private readonly SemaphoreSlim _places = new(ImportLimits.AtOnce);

    public async Task<ImportView> ImportAsync(Caller caller, ImportForm form, CancellationToken cancellation)
    {
        caller.Require(form.Group, Role.Contributor);
        await _places.WaitAsync(cancellation);
        try
        {
            using var tree = new SourceTree();
            var (hash, source) = await ReadAsync(tree, form, cancellation);
            var plan = await ImportPlan.ReadAsync(tree, form.ConfigPath, blobs, cancellation);
            var (resources, dropped) = await stores.Core.WriteAsync(
                t =>
                {
                    Audit.Write(t, caller, "import", "group", form.Group, $"{source} {hash}");
                    return writer.Write(t, caller, form.Group, form.Strategy, plan);
                },
                cancellation: cancellation
            );
            var unfit = await graphs.OfAsync(caller, resources.Entrypoints.Values, cancellation);
            return new ImportView("successfully imported", hash, resources, [.. plan.Warnings, .. dropped, .. unfit]);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<(string Hash, string Source)> ReadAsync(
        SourceTree tree,
        ImportForm form,
        CancellationToken cancellation
    )
    {
        if (form.GitUrl is { } address)
        {
            var (commit, url) = await new GitSource(options.Import, OwnHosts.OfSystem, time).ReadAsync(
                tree,
                address,
                cancellation
            );
            return (commit, url.Shown);
        }

        if (form.Archive is not { } archive)
        {
            return (await UploadSource.ReadAsync(tree, form.Files!, cancellation), "files");
        }

        await using var content = archive.OpenReadStream();
        return (await ArchiveSource.ReadAsync(tree, content, cancellation), "archive");
    }
}

/// <param name="Hash">The commit, or the SHA-256 of the archive or of the files' contents in the order of their paths.</param>
/// <param name="Warnings">What was imported as it is and will not run so, or was left out; each a sentence.</param>
public sealed record ImportView(
    string Message,
    string Hash,
    ImportedResources Resources,
    IReadOnlyList<string> Warnings
);

/// <summary>Ids by name.</summary>
public sealed record ImportedResources(
    IReadOnlyDictionary<string, long> Plugins,
    [property: JsonPropertyName("plugin_param_types")] IReadOnlyDictionary<string, long> PluginParamTypes,
    IReadOnlyDictionary<string, long> Entrypoints
);
