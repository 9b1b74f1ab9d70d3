using Alidade.Server.Pages.Parts;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Plugins;

namespace Alidade.Server.Pages.Plugins;

/// <summary>Plugins and their files.</summary>
internal static class PluginPages
{
    public static void MapPluginPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/plugins", ListAsync);
        pages.MapGet("/plugins/{id:long}", ShowAsync);
    }

    private static async Task<IResult> ListAsync(Caller caller, HttpContext context, PluginService plugins)
    {
        var address = Address.Of(context.Request);
        var (page, error) = await PagedList.LoadAsync(
            listing => plugins.ListAsync(caller, listing, context.RequestAborted),
            address,
            PluginsModel.PageLength
        );
        var model = new PluginsModel(address, [.. page.Data.Select(ItemOf)], page.Index, page.TotalNumResults, error);
        return PageResults.Page<PluginsPage>(new { Model = model });
    }

    private static async Task<IResult> ShowAsync(
        long id,
        Caller caller,
        HttpContext context,
        PluginService plugins,
        PluginFileService files
    )
    {
        var plugin = await plugins.GetAsync(caller, id, context.RequestAborted);
        var page = await files.ListAsync(caller, id, new Listing(PageLength: 0), context.RequestAborted);
        var sources = page.Data.Select(file => new SourceFile(file.Filename, file.Contents, [.. TasksOf(file.Tasks)]));
        var model = new PluginModel(
            ItemOf(plugin),
            plugin.Snapshot,
            plugin.User.Username,
            Address.Of(context.Request),
            [.. sources]
        );
        return PageResults.Page<PluginPage>(new { Model = model });
    }

    private static PluginItem ItemOf(PluginView plugin) =>
        new(
            plugin.Id,
            plugin.Name,
            plugin.Description,
            plugin.Group.Name,
            WireTime.Read(plugin.LastModifiedOn),
            [.. plugin.Files.Select(file => file.Filename)],
            plugin.Files.Sum(file => file.Tasks.Functions.Count + file.Tasks.Artifacts.Count)
        );

    private static IEnumerable<TaskItem> TasksOf(TasksView tasks) =>
        tasks
            .Functions.Select(task => new TaskItem(
                task.Name,
                [.. task.InputParams.Select(input => $"{input.Name}: {input.ParameterType.Name}")],
                [.. task.OutputParams.Select(output => $"{output.Name}: {output.ParameterType.Name}")]
            ))
            .Concat(
                tasks.Artifacts.Select(task => new TaskItem(
                    task.Name,
                    ["artifact"],
                    [.. task.OutputParams.Select(output => $"{output.Name}: {output.ParameterType.Name}")]
                ))
            );
}
