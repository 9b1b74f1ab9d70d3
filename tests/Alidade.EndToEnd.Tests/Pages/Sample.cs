using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>An experiment that can be submitted to, made over the API as any client would.</summary>
internal sealed record Sample(long Experiment, long Entrypoint, long Plugin, long Queue, HttpClient Api)
{
    private const string Source = """
        from dioptra import pyplugs


        @pyplugs.register
        def attack(eps: float, steps: int) -> float:
            return eps * steps
        """;

    private const string Graph = """
        strike:
          attack:
            eps: $eps
            steps: $steps
        again:
          attack: [$strike, 2]
        """;

    public static async Task<Sample> CreateAsync(Uri address, string name)
    {
        var api = new HttpClient { BaseAddress = new Uri(address, "/api/v1/") };
        await PostAsync(api, "auth/login", new { username = PagesFixture.User, password = PagesFixture.Password });
        var number = await TypeAsync(api, "number");
        var queue = Id(await PostAsync(api, "queues/", new { group = 1, name = $"{name}-queue" }));
        var plugin = Id(await PostAsync(api, "plugins/", new { group = 1, name = name.Replace('-', '_') }));
        object[] inputs =
        [
            new { name = "eps", parameterType = number },
            new { name = "steps", parameterType = await TypeAsync(api, "integer") },
        ];
        object[] functions =
        [
            new
            {
                name = "attack",
                inputParams = inputs,
                outputParams = new[] { new { name = "strength", parameterType = number } },
            },
        ];
        var file = new
        {
            filename = "attacks.py",
            contents = Source,
            tasks = new { functions, artifacts = Array.Empty<object>() },
        };
        await PostAsync(api, $"plugins/{plugin}/files/", file);
        var entrypoint = Id(
            await PostAsync(
                api,
                "entrypoints/",
                new
                {
                    group = 1,
                    name = $"{name}-entrypoint",
                    taskGraph = Graph,
                    parameters = new[]
                    {
                        new
                        {
                            name = "eps",
                            defaultValue = "0.3",
                            parameterType = "float",
                        },
                        new
                        {
                            name = "steps",
                            defaultValue = "4",
                            parameterType = "integer",
                        },
                    },
                    queues = new[] { queue },
                    plugins = new[] { plugin },
                }
            )
        );
        var experiment = Id(
            await PostAsync(
                api,
                "experiments/",
                new
                {
                    group = 1,
                    name,
                    entrypoints = new[] { entrypoint },
                }
            )
        );
        return new Sample(experiment, entrypoint, plugin, queue, api);
    }

    public async Task<long> SubmitAsync(double eps) =>
        Id(
            await PostAsync(
                Api,
                $"experiments/{Experiment}/jobs/",
                new
                {
                    entrypoint = Entrypoint,
                    queue = Queue,
                    values = new { eps = eps.ToString("0.0#") },
                }
            )
        );

    public Task MeasureAsync(long job, string name, double value, int step) =>
        PostAsync(
            Api,
            $"jobs/{job}/metrics",
            new
            {
                name,
                value,
                step,
            }
        );

    public Task CancelAsync(long job) => PostAsync(Api, $"jobs/{job}/cancel", new { });

    public async Task<JsonObject> JobAsync(string job) =>
        JsonNode.Parse(await Api.GetStringAsync($"jobs/{job}"))!.AsObject();

    private static async Task<JsonObject> PostAsync(HttpClient api, string path, object body)
    {
        using var answer = await api.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    private static async Task<long> TypeAsync(HttpClient api, string name)
    {
        var page = JsonNode.Parse(await api.GetStringAsync("pluginParameterTypes/?pageLength=100"))!;
        return page["data"]!.AsArray().First(type => type!["name"]!.GetValue<string>() == name)![
            "id"
        ]!.GetValue<long>();
    }

    private static long Id(JsonObject created) => created["id"]!.GetValue<long>();
}
