using System.Runtime.CompilerServices;
using System.Text.Json;
using Alidade.Client.Http;

namespace Alidade.Client;

/// <summary>What all versioned resources can do.</summary>
/// <typeparam name="TResource">What the server shows.</typeparam>
/// <typeparam name="TContent">What a caller may set; a change replaces all of it.</typeparam>
public class ResourceClient<TResource, TContent>
    where TResource : IResource
    where TContent : notnull
{
    private const int PageLength = 100;

    internal ResourceClient(Transport transport, string collection)
    {
        Transport = transport;
        Collection = collection;
    }

    private protected string Collection { get; }

    private protected Transport Transport { get; }

    public Task<TResource> GetAsync(long id, CancellationToken cancellation = default) =>
        Transport.GetAsync<TResource>($"{Collection}/{id}", cancellation);

    public Task<Page<TResource>> ListAsync(Listing listing, CancellationToken cancellation = default) =>
        Transport.GetAsync<Page<TResource>>(listing.Of($"{Collection}/"), cancellation);

    /// <summary>Every resource that matches, page after page.</summary>
    public async IAsyncEnumerable<TResource> AllAsync(
        string? search = null,
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        for (var index = 0; ; )
        {
            var page = await ListAsync(new Listing(search, Index: index, PageLength: PageLength), cancellation);
            foreach (var resource in page.Data)
            {
                yield return resource;
            }

            index += page.Data.Count;
            if (page.IsComplete || page.Data.Count == 0)
            {
                yield break;
            }
        }
    }

    /// <summary>The resource with exactly this name, or null.</summary>
    public async Task<TResource?> FindAsync(string name, CancellationToken cancellation = default)
    {
        // Nothing has such a name, and a search cannot ask for it.
        if (string.IsNullOrWhiteSpace(name))
        {
            return default;
        }

        await foreach (var resource in AllAsync($"name:{Listing.Quote(name)}", cancellation))
        {
            if (resource.Name == name)
            {
                return resource;
            }
        }

        return default;
    }

    /// <summary>The versions of a resource, oldest first.</summary>
    public Task<Page<TResource>> SnapshotsAsync(long id, Listing listing, CancellationToken cancellation = default) =>
        Transport.GetAsync<Page<TResource>>(listing.Of($"{Collection}/{id}/snapshots"), cancellation);

    public Task<TResource> CreateAsync(TContent content, long group, CancellationToken cancellation = default)
    {
        var body = JsonSerializer.SerializeToNode(content, Http.Transport.Json)!.AsObject();
        body["group"] = group;
        return Transport.PostAsync<TResource>($"{Collection}/", body, cancellation);
    }

    public virtual Task<TResource> ModifyAsync(long id, TContent content, CancellationToken cancellation = default) =>
        Transport.PutAsync<TResource>($"{Collection}/{id}", content, cancellation);

    public Task DeleteAsync(long id, CancellationToken cancellation = default) =>
        Transport.DeleteAsync($"{Collection}/{id}", cancellation);
}
