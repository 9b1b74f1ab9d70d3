using System.Net;
using Alidade.Cli;
using Alidade.Client;

namespace Alidade.Functions;

/// <summary>
/// Makes the server's resources equal to a function. What is equal already is left alone, so running the same file
/// again makes no new snapshot.
/// </summary>
/// <param name="needs">What its jobs are given; null leaves that as it is.</param>
internal sealed class FunctionPublisher(AlidadeClient client, long group, FunctionNeeds? needs = null)
{
    private const int Tries = 10;

    /// <returns>The entrypoint, linked to the experiment and the queue, with the plugin at its newest snapshot.</returns>
    public async Task<Published> PublishAsync(
        FunctionEntrypoint function,
        string experimentName,
        string queueName,
        CancellationToken cancellation
    )
    {
        for (var count = 1; ; count++)
        {
            try
            {
                return await TryPublishAsync(function, experimentName, queueName, cancellation);
            }
            catch (ApiException problem) when (problem.Status == HttpStatusCode.Conflict && count < Tries)
            {
                // Another run has made in this moment what was not there before: the next look finds it.
            }
        }
    }

    private async Task<Published> TryPublishAsync(
        FunctionEntrypoint function,
        string experimentName,
        string queueName,
        CancellationToken cancellation
    )
    {
        var queue =
            await client.Queues.FindAsync(queueName, cancellation)
            ?? await client.Queues.CreateAsync(new QueueContent(queueName), group, cancellation);
        var plugin = await PublishPluginAsync(function, cancellation);
        var entrypoint = await PublishEntrypointAsync(function, plugin, queue.Id, cancellation);
        var experiment = await client.Experiments.FindAsync(experimentName, cancellation);
        if (experiment is null)
        {
            var content = new ExperimentContent(experimentName, null, [entrypoint]);
            experiment = await client.Experiments.CreateAsync(content, group, cancellation);
        }
        else if (experiment.Entrypoints.All(linked => linked.Id != entrypoint))
        {
            await client.Experiments.AddEntrypointsAsync(experiment.Id, [entrypoint], cancellation);
        }

        return new Published(experiment.Id, entrypoint, queue.Id);
    }

    private async Task<long> PublishPluginAsync(FunctionEntrypoint function, CancellationToken cancellation)
    {
        var content = await FileContentAsync(function, cancellation);
        var plugin = await client.Plugins.FindAsync(function.PluginName, cancellation);
        if (plugin is null)
        {
            var made = new PluginContent(function.PluginName, $"Made by alidade run from {function.Filename}");
            plugin = await client.Plugins.CreateAsync(made, group, cancellation);
        }

        var known = plugin.Files.FirstOrDefault(file => file.Filename == function.Filename);
        if (known is null)
        {
            await client.Plugins.CreateFileAsync(plugin.Id, content, cancellation);
        }
        else
        {
            var file = await client.Plugins.GetFileAsync(plugin.Id, known.Id, cancellation);
            if (!PluginFiles.Same(file, content))
            {
                await client.Plugins.ModifyFileAsync(plugin.Id, known.Id, content, cancellation);
            }
        }

        return plugin.Id;
    }

    private async Task<PluginFileContent> FileContentAsync(FunctionEntrypoint function, CancellationToken cancellation)
    {
        var types = await ParameterTypeIds.ReadAsync(client, cancellation);
        var task = new FunctionTaskContent(
            function.Function,
            [.. function.Parameters.Select(p => new TaskInputContent(p.Name, types[p.Type], p.Default is null))],
            function.HasOutput ? [new TaskOutputContent("output", types["any"])] : []
        );
        return new PluginFileContent(function.Filename, function.Contents, new PluginTasksContent([task], []));
    }

    private async Task<long> PublishEntrypointAsync(
        FunctionEntrypoint function,
        long plugin,
        long queue,
        CancellationToken cancellation
    )
    {
        var known = await client.Entrypoints.FindAsync(function.Name, cancellation);
        var queues = known?.Queues.Select(linked => linked.Id).ToList() ?? [];
        var isLinked = queues.Contains(queue);
        if (!isLinked)
        {
            queues.Add(queue);
        }

        var content = new EntrypointContent(
            function.Name,
            $"Function {function.Function} of {function.Filename}",
            function.TaskGraph,
            "",
            function.EntrypointParameters,
            [],
            queues,
            [plugin],
            [],
            needs?.DataFolders,
            needs?.Secrets
        );
        if (known is null)
        {
            return (await client.Entrypoints.CreateAsync(content, group, cancellation)).Id;
        }

        if (known.Plugins is not [{ Id: var pinned, LatestSnapshot: true }] || pinned != plugin)
        {
            RequireOwn(known, plugin);
            await client.Entrypoints.SyncPluginsAsync(known.Id, [plugin], cancellation);
        }

        if (
            !isLinked
            || known.TaskGraph != content.TaskGraph
            || !known.Parameters.SequenceEqual(content.Parameters)
            || needs?.Equal(known) == false
        )
        {
            await client.Entrypoints.ModifyAsync(known.Id, content, cancellation);
        }

        return known.Id;
    }

    private static void RequireOwn(Entrypoint known, long plugin)
    {
        if (known.Plugins.Any(pin => pin.Id != plugin))
        {
            throw new CommandException(
                $"There is an entrypoint \"{known.Name}\" that uses other plugins; it was not made by alidade run. "
                    + "Rename the file or the function."
            );
        }
    }
}

/// <summary>What jobs of a function are given, by name.</summary>
internal sealed record FunctionNeeds(IReadOnlyList<string> DataFolders, IReadOnlyList<string> Secrets)
{
    public bool Equal(Entrypoint known) =>
        DataFolders.SequenceEqual(known.DataFolders ?? []) && Secrets.SequenceEqual(known.Secrets ?? []);
}

/// <summary>Everything a job of a function needs, by id.</summary>
internal sealed record Published(long Experiment, long Entrypoint, long Queue);
