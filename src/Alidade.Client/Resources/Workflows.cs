using System.Globalization;
using System.Text.Json.Serialization;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>What works on many resources at once.</summary>
public sealed class WorkflowClient
{
    private readonly Transport _transport;

    internal WorkflowClient(Transport transport) => _transport = transport;

    /// <summary>Imports the plugins, types and entrypoints that a manifest describes: all of them, or nothing.</summary>
    /// <param name="configPath">Of the manifest, in the source.</param>
    public async Task<Import> ImportAsync(
        ImportSource source,
        long group,
        OnConflict onConflict = OnConflict.Fail,
        string configPath = "dioptra.toml",
        CancellationToken cancellation = default
    )
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(group.ToString(CultureInfo.InvariantCulture)), "group" },
            { new StringContent(configPath), "configPath" },
            { new StringContent(onConflict.ToString().ToLowerInvariant()), "resolveNameConflictsStrategy" },
        };
        source.AddTo(form);
        return await _transport.PostAsync<Import>("workflows/resourceImport", form, cancellation);
    }
}

/// <summary>What is done about a resource whose name is there already.</summary>
public enum OnConflict
{
    /// <summary>Nothing is imported.</summary>
    Fail,

    /// <summary>It keeps its id and gets a new snapshot, unless it says the same.</summary>
    Update,

    /// <summary>It is deleted and made anew.</summary>
    Overwrite,
}

/// <summary>Where an import comes from.</summary>
public abstract record ImportSource
{
    private ImportSource() { }

    /// <summary>Of a git repository the newest commit.</summary>
    /// <param name="url"><c>URL</c>, <c>URL#branch</c> or <c>URL;folder,folder#branch</c>.</param>
    public static ImportSource Git(string url) => new GitSource(url);

    /// <summary>A .tar, .tar.gz or .zip file.</summary>
    public static ImportSource Archive(Stream content) => new ArchiveSource(content);

    /// <param name="files">Contents by path; folders with <c>/</c>.</param>
    public static ImportSource Files(IReadOnlyDictionary<string, byte[]> files) => new FilesSource(files);

    internal abstract void AddTo(MultipartFormDataContent form);

    private sealed record GitSource(string Url) : ImportSource
    {
        internal override void AddTo(MultipartFormDataContent form)
        {
            form.Add(new StringContent("git"), "sourceType");
            form.Add(new StringContent(Url), "gitUrl");
        }
    }

    private sealed record ArchiveSource(Stream Content) : ImportSource
    {
        internal override void AddTo(MultipartFormDataContent form)
        {
            form.Add(new StringContent("upload_archive"), "sourceType");
            form.Add(new StreamContent(Content), "archiveFile", "archive");
        }
    }

    private sealed record FilesSource(IReadOnlyDictionary<string, byte[]> Contents) : ImportSource
    {
        internal override void AddTo(MultipartFormDataContent form)
        {
            form.Add(new StringContent("upload_files"), "sourceType");
            foreach (var (path, content) in Contents)
            {
                form.Add(new ByteArrayContent(content), "files", path);
            }
        }
    }
}

/// <param name="Hash">The commit, or the SHA-256 of what was sent.</param>
/// <param name="Warnings">What was imported as it is and will not run so, or was left out; null from other servers.</param>
public sealed record Import(
    string Message,
    string Hash,
    ImportedResources Resources,
    IReadOnlyList<string>? Warnings = null
);

/// <summary>Ids by name.</summary>
public sealed record ImportedResources(
    IReadOnlyDictionary<string, long> Plugins,
    [property: JsonPropertyName("plugin_param_types")] IReadOnlyDictionary<string, long> PluginParamTypes,
    IReadOnlyDictionary<string, long> Entrypoints
);
