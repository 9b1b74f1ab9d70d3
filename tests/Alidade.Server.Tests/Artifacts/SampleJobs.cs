using System.Text;
using System.Text.Json;
using Alidade.Server.Tests.Hosting;
using Alidade.Storage.Blobs;
using Alidade.Storage.Platform;
using Alidade.Storage.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace Alidade.Server.Tests.Artifacts;

/// <summary>Jobs with files on their runs, as workers and tracking clients leave them.</summary>
internal static class SampleJobs
{
    /// <summary>A job of an entrypoint that needs nothing, and its run.</summary>
    public static async Task<SampleJob> NewJobAsync(this TestServer server, HttpClient client, long group = 1)
    {
        var name = Guid.NewGuid().ToString("N");
        var queue = (await client.PostJsonAsync("/api/v1/queues", new { name, group })).Id();
        var entrypoint = await client.PostJsonAsync(
            "/api/v1/entrypoints",
            new
            {
                name,
                group,
                taskGraph = "",
                queues = new[] { queue },
            }
        );
        var experiment = await client.PostJsonAsync(
            "/api/v1/experiments",
            new
            {
                name,
                group,
                entrypoints = new[] { entrypoint.Id() },
            }
        );
        var job = await client.PostJsonAsync(
            $"/api/v1/experiments/{experiment.Id()}/jobs",
            new { queue, entrypoint = entrypoint.Id() }
        );
        var run = await server
            .Service<Stores>()
            .Core.ReadAsync(s =>
                s.Scalar<string>("SELECT run FROM job_detail WHERE job = @Job", new { Job = job.Id() })
            );
        return new SampleJob(server, client, group, experiment.Id(), job.Id(), run);
    }

    /// <summary>A plugin with an artifact task that gives these types, and a function.</summary>
    public static async Task<(long Plugin, long Snapshot, long Task, long Function)> NewHandlerAsync(
        this HttpClient client,
        string name,
        params long[] types
    )
    {
        var plugin = (await client.PostJsonAsync("/api/v1/plugins", new { name, group = 1 })).Id();
        var file = await client.PostJsonAsync(
            $"/api/v1/plugins/{plugin}/files",
            new
            {
                filename = "main.py",
                contents = "",
                tasks = new
                {
                    functions = new[]
                    {
                        new
                        {
                            name = "f",
                            inputParams = Array.Empty<object>(),
                            outputParams = Array.Empty<object>(),
                        },
                    },
                    artifacts = new[]
                    {
                        new
                        {
                            name = "Load",
                            outputParams = types.Select((t, i) => new { name = "o" + i, parameterType = t }),
                        },
                    },
                },
            }
        );
        var snapshot = (await client.GetJsonAsync($"/api/v1/plugins/{plugin}"))["snapshot"]!.GetValue<long>();
        var tasks = file["tasks"]!;
        return (plugin, snapshot, tasks["artifacts"]![0]!.Id(), tasks["functions"]![0]!.Id());
    }

    public static T Service<T>(this TestServer server)
        where T : notnull => server.App.Services.GetRequiredService<T>();
}

internal sealed record SampleJob(TestServer Server, HttpClient Client, long Group, long Experiment, long Id, string Run)
{
    public string Uri(string path) => $"mlflow-artifacts:/{Experiment}/{Run}/artifacts/{path}";

    /// <summary>One file of the run.</summary>
    public Task StoreAsync(string path, string content) => StoreAsync(path, folder: false, (path, content));

    /// <summary>A folder of the run, or one file.</summary>
    public async Task StoreAsync(string path, bool folder, params (string Path, string Content)[] contents)
    {
        var files = new List<ArtifactFile>();
        foreach (var (name, content) in contents)
        {
            using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(content));
            var blob = await Server.Service<IBlobStore>().PutAsync(bytes, null, CancellationToken.None);
            files.Add(new ArtifactFile(name, blob.Size, blob.Sha256));
        }

        await StoreAsync(path, files, folder);
    }

    /// <summary>Files whose content is in the blob store.</summary>
    public Task StoreAsync(string path, IReadOnlyList<ArtifactFile> files, bool folder = true) =>
        Server
            .Service<Stores>()
            .Core.WriteAsync(t =>
            {
                RunStore.SetArtifact(
                    t,
                    new RunArtifact
                    {
                        Run = Run,
                        Path = path,
                        Folder = folder ? 1 : 0,
                        Size = files.Sum(f => f.Size),
                        Content = JsonSerializer.Serialize(files, JsonSerializerOptions.Web),
                        At = t.Now,
                    }
                );
                return 0;
            });

    /// <summary>Stores a file and registers it.</summary>
    public async Task<long> NewArtifactAsync(string path, string content = "content")
    {
        await StoreAsync(path, content);
        var artifact = await Client.PostJsonAsync(
            "/api/v1/artifacts",
            new
            {
                group = Group,
                job = Id,
                artifactUri = Uri(path),
                description = path,
            }
        );
        return artifact.Id();
    }
}
