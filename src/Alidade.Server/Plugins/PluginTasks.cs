using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Plugins;

/// <summary>The typed tasks of file snapshots: rows, because graphs, searches and artifacts join them.</summary>
public static class PluginTasks
{
    private const string Function = "function";
    private const string Artifact = "artifact";
    private const string In = "input";
    private const string Out = "output";

    /// <summary>Stores the tasks of a new file snapshot, pinning each parameter type at its newest snapshot.</summary>
    public static void Store(ITransaction t, Caller caller, long fileSnapshot, TasksInput input)
    {
        var functions = input.Functions ?? [];
        var artifacts = input.Artifacts ?? [];
        var group = t.Scalar<long>(
            "SELECT r.group_id FROM snapshot s JOIN resource r ON r.id = s.resource_id WHERE s.id = @fileSnapshot",
            new { fileSnapshot }
        );
        var types = Types(t, caller.ReferringFrom(group), functions, artifacts);
        var position = 0;
        foreach (var task in functions)
        {
            var id = AddTask(t, fileSnapshot, position++, Function, task.Name);
            AddParameters(
                t,
                task.Name,
                id,
                In,
                types,
                [.. task.InputParams.Select(p => (p.Name, p.ParameterType, p.Required))]
            );
            AddParameters(
                t,
                task.Name,
                id,
                Out,
                types,
                [.. task.OutputParams.Select(p => (p.Name, p.ParameterType, true))]
            );
        }

        foreach (var task in artifacts)
        {
            var id = AddTask(t, fileSnapshot, position++, Artifact, task.Name);
            AddParameters(
                t,
                task.Name,
                id,
                Out,
                types,
                [.. task.OutputParams.Select(p => (p.Name, p.ParameterType, true))]
            );
        }
    }

    /// <summary>The tasks of many file snapshots by name, with two queries.</summary>
    public static IReadOnlyDictionary<long, TasksView> Load(ISession s, IReadOnlyList<long> fileSnapshots)
    {
        if (fileSnapshots.Count == 0)
        {
            return new Dictionary<long, TasksView>();
        }

        var tasks = s.Query<TaskRow>(
            "SELECT id, file_snapshot, kind, name FROM plugin_task WHERE file_snapshot = ANY(@Ids) ORDER BY file_snapshot, name, position",
            new { Ids = fileSnapshots.ToArray() }
        );
        var parameters = s.Query<ParameterRow>(
                "SELECT p.task_id, p.direction, p.name AS parameter, p.required, r.id, s.name, r.group_id, g.name AS group_name "
                    + "FROM plugin_task_parameter p JOIN resource r ON r.id = p.type_id JOIN snapshot s ON s.id = p.type_snapshot "
                    + "JOIN user_group g ON g.id = r.group_id WHERE p.task_id = ANY(@Ids) ORDER BY p.task_id, p.position",
                new { Ids = tasks.Select(t => t.Id).ToArray() }
            )
            .ToLookup(p => (p.TaskId, p.Direction));
        var byFile = tasks.ToLookup(t => t.FileSnapshot);
        return fileSnapshots.Distinct().ToDictionary(id => id, id => View([.. byFile[id]], parameters));
    }

    /// <summary>Whether a file snapshot has exactly these tasks, their types pinned as they are now.</summary>
    public static bool Says(ISession s, long fileSnapshot, TasksInput input)
    {
        var stale = s.Scalar<long>(
            "SELECT COUNT(*) FROM plugin_task_parameter p JOIN plugin_task k ON k.id = p.task_id "
                + "JOIN resource r ON r.id = p.type_id WHERE k.file_snapshot = @fileSnapshot AND p.type_snapshot <> r.head",
            new { fileSnapshot }
        );
        return stale == 0 && Signatures(Load(s, [fileSnapshot])[fileSnapshot]).SetEquals(Signatures(input));
    }

    private static HashSet<string> Signatures(TasksView tasks) =>
        [
            .. tasks.Functions.Select(f =>
                Signature(
                    f.Name,
                    f.InputParams.Select(p => (p.Name, p.ParameterType.Id, p.Required)),
                    f.OutputParams.Select(p => (p.Name, p.ParameterType.Id))
                )
            ),
            .. tasks.Artifacts.Select(a => Signature(a.Name, a.OutputParams.Select(p => (p.Name, p.ParameterType.Id)))),
        ];

    private static HashSet<string> Signatures(TasksInput tasks) =>
        [
            .. (tasks.Functions ?? []).Select(f =>
                Signature(
                    f.Name,
                    f.InputParams.Select(p => (p.Name, p.ParameterType, p.Required)),
                    f.OutputParams.Select(p => (p.Name, p.ParameterType))
                )
            ),
            .. (tasks.Artifacts ?? []).Select(a =>
                Signature(a.Name, a.OutputParams.Select(p => (p.Name, p.ParameterType)))
            ),
        ];

    private static string Signature(
        string name,
        IEnumerable<(string Name, long Type, bool Required)> inputs,
        IEnumerable<(string Name, long Type)> outputs
    ) => $"{name}({string.Join(',', inputs)})" + Signature("", outputs);

    private static string Signature(string name, IEnumerable<(string Name, long Type)> outputs) =>
        $"{name}->{string.Join(',', outputs)}";

    private static TasksView View(IReadOnlyList<TaskRow> tasks, ILookup<(long, string), ParameterRow> parameters)
    {
        return new TasksView(
            [
                .. tasks
                    .Where(t => t.Kind == Function)
                    .Select(t => new FunctionTaskView(t.Id, t.Name, Inputs(t), Outputs(t))),
            ],
            [.. tasks.Where(t => t.Kind == Artifact).Select(t => new ArtifactTaskView(t.Id, t.Name, Outputs(t)))]
        );

        List<InputParameterView> Inputs(TaskRow task) =>
            [.. parameters[(task.Id, In)].Select(p => new InputParameterView(p.Parameter, p.Type, p.Required != 0))];

        List<OutputParameterView> Outputs(TaskRow task) =>
            [.. parameters[(task.Id, Out)].Select(p => new OutputParameterView(p.Parameter, p.Type))];
    }

    /// <summary>The newest snapshot of every type the tasks name.</summary>
    private static Dictionary<long, long> Types(
        ISession s,
        Caller caller,
        IReadOnlyList<FunctionTaskInput> functions,
        IReadOnlyList<ArtifactTaskInput> artifacts
    )
    {
        var ids = functions
            .SelectMany(f =>
                f.InputParams.Select(p => p.ParameterType).Concat(f.OutputParams.Select(p => p.ParameterType))
            )
            .Concat(artifacts.SelectMany(a => a.OutputParams.Select(p => p.ParameterType)))
            .Distinct()
            .ToList();
        return Resources.GetMany(s, ResourceKind.ParameterType, caller, ids).ToDictionary(r => r.Id, r => r.Snapshot);
    }

    private static long AddTask(ITransaction t, long fileSnapshot, int position, string kind, string name) =>
        t.Scalar<long>(
            "INSERT INTO plugin_task (file_snapshot, position, kind, name) VALUES (@fileSnapshot, @position, @kind, @name) RETURNING id",
            new
            {
                fileSnapshot,
                position,
                kind,
                name,
            }
        );

    private static void AddParameters(
        ITransaction t,
        string taskName,
        long task,
        string direction,
        Dictionary<long, long> types,
        IReadOnlyList<(string Name, long Type, bool Required)> parameters
    )
    {
        var repeated = parameters.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1);
        if (repeated is not null)
        {
            throw new RefusedException(
                "QueryParameterNotUniqueError",
                $"Task {taskName} has more than one {direction} parameter {repeated.Key}. Give each a name of its own."
            );
        }

        for (var position = 0; position < parameters.Count; position++)
        {
            var (name, type, required) = parameters[position];
            t.Execute(
                "INSERT INTO plugin_task_parameter (task_id, direction, position, name, type_id, type_snapshot, required) "
                    + "VALUES (@task, @direction, @position, @name, @type, @Snapshot, @Required)",
                new
                {
                    task,
                    direction,
                    position,
                    name,
                    type,
                    Snapshot = types[type],
                    Required = required ? 1 : 0,
                }
            );
        }
    }

    private sealed record TaskRow
    {
        public long Id { get; init; }
        public long FileSnapshot { get; init; }
        public string Kind { get; init; } = "";
        public string Name { get; init; } = "";
    }

    private sealed record ParameterRow
    {
        public long TaskId { get; init; }
        public string Direction { get; init; } = "";
        public string Parameter { get; init; } = "";
        public int Required { get; init; }
        public long Id { get; init; }
        public string Name { get; init; } = "";
        public long GroupId { get; init; }
        public string GroupName { get; init; } = "";

        public ResourceRef Type =>
            ResourceRef.Of(ResourceKind.ParameterType, Id, Name, GroupRef.Of(GroupId, GroupName));
    }
}
