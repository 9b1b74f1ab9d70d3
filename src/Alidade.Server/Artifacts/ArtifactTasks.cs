using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Server.Plugins;
using Alidade.Server.Workers.Events;

namespace Alidade.Server.Artifacts;

/// <summary>Finds the artifact tasks that snapshots point to.</summary>
internal static class ArtifactTasks
{
    private const string Tasks = """
        SELECT t.id AS task, p.resource_id AS plugin, p.id AS plugin_snapshot, p.name AS plugin_name,
            f.file_id AS file, f.file_snapshot, fs.name AS filename
        FROM plugin_task t JOIN plugin_snapshot_file f ON f.file_snapshot = t.file_snapshot
            JOIN snapshot p ON p.id = f.plugin_snapshot JOIN snapshot fs ON fs.id = f.file_snapshot
        """;

    /// <summary>The task a client names, which must be in that snapshot of a plugin it may see: jobs get its files.</summary>
    public static TaskPin? Find(ISession s, Caller caller, long? pluginSnapshot, long? task)
    {
        if (pluginSnapshot is null && task is null)
        {
            return null;
        }

        if (pluginSnapshot is null || task is null)
        {
            throw new RefusedException("DioptraError", "Give pluginSnapshotId and taskId together, or neither.");
        }

        var found = s.First<TaskRow>(
            Tasks
                + """
                 JOIN resource r ON r.id = p.resource_id
                WHERE t.id = @Task AND t.kind = 'artifact' AND p.id = @Plugin AND r.group_id = ANY(@Visible)
                """,
            new
            {
                Task = task,
                Plugin = pluginSnapshot,
                caller.Visible,
            }
        );
        return found?.Pin
            ?? throw new NotFoundException(
                "plugin_task",
                ("task_id", task.Value),
                ("plugin_snapshot_id", pluginSnapshot.Value)
            );
    }

    /// <summary>The task that a job's event names by module, among the artifact plugins its entrypoint pins.</summary>
    public static TaskPin? Find(ISession s, long entrypointSnapshot, EventTask task) =>
        s.Query<TaskRow>(
                Tasks
                    + """
                     JOIN entrypoint_pin e ON e.plugin_snapshot = p.id AND e.role = 'artifact'
                    WHERE e.entrypoint_snapshot = @Entrypoint AND t.kind = 'artifact' AND t.name = @Name
                    """,
                new { Entrypoint = entrypointSnapshot, task.Name }
            )
            .FirstOrDefault(t => t.Module == task.Module)
            ?.Pin;

    /// <summary>How the tasks look on the wire, read for all at once.</summary>
    public static IReadOnlyDictionary<TaskPin, ArtifactTask> Views(ISession s, IEnumerable<TaskPin> pins)
    {
        var wanted = pins.Distinct().ToList();
        var tasks = PluginTasks.Load(s, [.. wanted.Select(p => p.FileSnapshot).Distinct()]);
        return wanted.ToDictionary(p => p, p => View(p, tasks[p.FileSnapshot]));
    }

    private static ArtifactTask View(TaskPin pin, TasksView tasks)
    {
        var task = tasks.Artifacts.FirstOrDefault(t => t.Id == pin.Task);
        return task is null
            ? ArtifactTask.None
            : new ArtifactTask
            {
                Id = task.Id,
                Name = task.Name,
                OutputParams = task.OutputParams,
                PluginResourceId = pin.Plugin,
                PluginResourceSnapshotId = pin.PluginSnapshot,
                PluginFileResourceId = pin.File,
                PluginFileResourceSnapshotId = pin.FileSnapshot,
            };
    }

    private sealed record TaskRow
    {
        public long Task { get; init; }
        public long Plugin { get; init; }
        public long PluginSnapshot { get; init; }
        public string PluginName { get; init; } = "";
        public long File { get; init; }
        public long FileSnapshot { get; init; }
        public string Filename { get; init; } = "";

        public TaskPin Pin => new(Task, Plugin, PluginSnapshot, File, FileSnapshot);

        public string Module => $"{PluginName}.{Filename[..^".py".Length].Replace('/', '.')}";
    }
}
