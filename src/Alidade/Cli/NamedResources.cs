using System.Globalization;
using Alidade.Client;

namespace Alidade.Cli;

/// <summary>Resources as people name them: by their name, or by their number.</summary>
internal static class NamedResources
{
    public static async Task<TResource> NamedAsync<TResource, TContent>(
        this ResourceClient<TResource, TContent> resources,
        string kind,
        string named,
        CancellationToken cancellation
    )
        where TResource : class, IResource
        where TContent : notnull =>
        await resources.FindAsync(named, cancellation)
        ?? (
            long.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? await resources.GetAsync(id, cancellation)
                : throw new CommandException(await NoneAsync(resources, kind, named, cancellation))
        );

    private static async Task<string> NoneAsync<TResource, TContent>(
        ResourceClient<TResource, TContent> resources,
        string kind,
        string named,
        CancellationToken cancellation
    )
        where TResource : class, IResource
        where TContent : notnull
    {
        var page = await resources.ListAsync(new Listing(SortBy: "name", PageLength: 10), cancellation);
        return page.Data.Count == 0
            ? $"There is no {kind} yet, so none named {named}."
            : $"There is no {kind} {named}. There is {string.Join(", ", page.Data.Select(r => r.Name))}{(page.IsComplete ? "." : " and more.")}";
    }
}
