using Alidade.Server.Pages.Parts;

namespace Alidade.Server.Pages.Plugins;

/// <summary>The list of plugins.</summary>
public sealed record PluginsModel(
    Address Address,
    IReadOnlyList<PluginItem> Items,
    long Index,
    long Total,
    string? SearchError = null
)
{
    public const int PageLength = 50;
}

/// <summary>A plugin as lists show it.</summary>
public sealed record PluginItem(
    long Id,
    string Name,
    string? Description,
    string Group,
    DateTimeOffset Modified,
    IReadOnlyList<string> Files,
    int Tasks
);

/// <summary>A plugin with one of its files.</summary>
public sealed record PluginModel(
    PluginItem Plugin,
    long Snapshot,
    string Author,
    Address Address,
    IReadOnlyList<SourceFile> Files
)
{
    public SourceFile? Chosen =>
        Files.FirstOrDefault(file => file.Name == Address["file"])
        ?? Files.FirstOrDefault(file => file.Tasks.Count > 0)
        ?? Files.FirstOrDefault();
}

/// <summary>A file of a plugin, with the tasks it defines.</summary>
public sealed record SourceFile(string Name, string Text, IReadOnlyList<TaskItem> Tasks);

/// <summary>A task as its signature.</summary>
public sealed record TaskItem(string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);
