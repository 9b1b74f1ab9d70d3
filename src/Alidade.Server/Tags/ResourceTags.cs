using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tags;

/// <summary>Which tags a resource of any kind carries: a link of the resource, not of its snapshots.</summary>
public sealed class ResourceTags(Stores stores)
{
    public Task<IReadOnlyList<TagRef>> OfAsync(Caller caller, Target target, CancellationToken cancellation) =>
        stores.Core.ReadAsync(s => Of(s, caller, target), cancellation);

    /// <summary>Adds tags, or puts them in the place of those that were there.</summary>
    public Task<IReadOnlyList<TagRef>> SetAsync(
        Caller caller,
        Target target,
        IReadOnlyList<long> tags,
        bool replace,
        CancellationToken cancellation
    ) =>
        stores.Core.WriteAsync(
            t =>
            {
                var resource = GetToChange(t, caller, target);
                if (replace)
                {
                    Clear(t, target.Id);
                }

                var from = caller.ReferringFrom(resource.GroupId);
                foreach (var tag in tags)
                {
                    TagService.Get(t, from, tag);
                    t.Execute(
                        "INSERT INTO resource_tag (resource_id, tag_id) VALUES (@Id, @tag) ON CONFLICT DO NOTHING",
                        new { target.Id, tag }
                    );
                }

                return Of(t, caller, target);
            },
            cancellation: cancellation
        );

    public Task<Deletion> ClearAsync(Caller caller, Target target, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                var removed = GetToChange(t, caller, target).Tags.Select(tag => tag.Id).ToList();
                Clear(t, target.Id);
                return Deletion.Of(removed);
            },
            cancellation: cancellation
        );

    public Task<Deletion> RemoveAsync(Caller caller, Target target, long tag, CancellationToken cancellation) =>
        stores.Core.WriteAsync(
            t =>
            {
                GetToChange(t, caller, target);
                var removed = t.Execute(
                    "DELETE FROM resource_tag WHERE resource_id = @Id AND tag_id = @tag",
                    new { target.Id, tag }
                );
                return removed == 1 ? Deletion.Of(tag) : throw new NotFoundException("tag", ("tag_id", tag));
            },
            cancellation: cancellation
        );

    private static void Clear(ITransaction t, long id) =>
        t.Execute("DELETE FROM resource_tag WHERE resource_id = @id", new { id });

    private static Versioned GetToChange(ISession s, Caller caller, Target target) =>
        Resources.GetToChange(s, target.Kind, caller, target.Id, target.Parent);

    private static IReadOnlyList<TagRef> Of(ISession s, Caller caller, Target target) =>
        [.. Resources.Get(s, target.Kind, caller, target.Id, target.Parent).Tags.Select(TagRef.Of)];
}

/// <summary>A resource of any kind.</summary>
/// <param name="Parent">The plugin of a file.</param>
public sealed record Target(ResourceKind Kind, long Id, long? Parent)
{
    /// <summary>The plugin in a path below which its files lie; null in the paths of other kinds.</summary>
    internal static long? ParentOf(HttpContext http) =>
        http.Request.RouteValues["plugin"] is string plugin ? Scalars.ParseInteger(plugin) : null;
}
