using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Alidade.Server.Records;

/// <summary>Says exactly in what two jobs differ. What follows from something that is named is not named again.</summary>
internal static class RecordComparison
{
    public static ComparisonView Of(RecordRows here, RecordRows there)
    {
        var (a, b) = (Facts.Of(here), Facts.Of(there));
        var bothBegan = a.HasBegun && b.HasBegun;
        List<string> unknown = [.. a.Unknown(), .. b.Unknown()];
        if (a.HasPlan != b.HasPlan)
        {
            // A graph on one side only would be told as all of it being different.
            var without = a.HasPlan ? there.Job : here.Job;
            unknown.Insert(0, $"Job {without} has no plan, since its entrypoint cannot run: graphs are not compared.");
            (a, b) = (a.WithoutPlan(), b.WithoutPlan());
        }

        return new ComparisonView(
            here.Job,
            there.Job,
            Differences(a.Shape(bothBegan), b.Shape(bothBegan)),
            bothBegan ? Differences(a.Place(), b.Place()) : [],
            Differences(a.Outcome(), b.Outcome()),
            unknown
        );
    }

    private static List<Difference> Differences(
        SortedDictionary<string, string> a,
        SortedDictionary<string, string> b
    ) =>
        [
            .. a
                .Keys.Union(b.Keys)
                .Order(StringComparer.Ordinal)
                .Select(name => new Difference(name, a.GetValueOrDefault(name), b.GetValueOrDefault(name)))
                .Where(difference => difference.Here != difference.There),
        ];

    /// <summary>A job's record, and its last attempt that began.</summary>
    private sealed record Facts(RecordView Record, DefinitionView Given, JsonObject Plan, AttemptRecord? Last)
    {
        public bool HasBegun => Last?.Start is not null;

        public bool HasPlan => Plan.Count > 0;

        /// <summary>Values as they were given, which is all there is of a job that was rejected.</summary>
        public Facts WithoutPlan() => this with { Plan = [], Record = Record with { Definition = Given } };

        public static Facts Of(RecordRows rows)
        {
            var record = RecordReader.View(rows);
            return new Facts(
                record,
                record.Definition with
                {
                    Parameters = JsonNode.Parse(rows.Detail.ParameterValues)!.AsObject(),
                },
                RecordReader.Plan(rows.Detail),
                record.Attempts.LastOrDefault(a => a.Start is not null) ?? record.Attempts.LastOrDefault()
            );
        }

        public SortedDictionary<string, string> Shape(bool withStart)
        {
            var definition = Record.Definition;
            var said = new Said();
            said.Add("entrypoint", $"{definition.Entrypoint.Id} {definition.Entrypoint.Name}");
            said.AddNumber("seed", definition.Seed);
            foreach (var (name, value) in definition.Parameters)
            {
                said.AddJson($"parameter {name}", value);
            }

            foreach (var file in definition.Plugins)
            {
                said.Add($"plugin file {file.Path}", file.Sha256);
            }

            foreach (var file in definition.Inputs)
            {
                said.Add($"input {file.Path}", file.Sha256);
            }

            AddPlan(said);
            if (withStart)
            {
                AddStart(said, Last!.Start!);
            }

            return said.All;
        }

        public SortedDictionary<string, string> Place()
        {
            var said = new Said();
            said.Add("worker", Last!.Worker);
            said.Add("host", Last.Start!.Host);
            said.Add("executable", Last.Start.Executable);
            return said.All;
        }

        public SortedDictionary<string, string> Outcome()
        {
            var said = new Said();
            said.Add("state", Last?.State == "succeeded" ? "finished" : Last?.State);
            if (Last?.End is not { } end)
            {
                return said.All;
            }

            said.Add("reason", end.Reason);
            said.AddNumber("exit", end.Exit);
            said.AddNumber("signal", end.Signal);
            foreach (var result in end.Results)
            {
                said.Add($"result {result.Name}", result.Sha256 ?? Text(result.Value));
            }

            foreach (var output in end.Outputs)
            {
                said.Add($"output {output.Path}", output.Sha256);
            }

            return said.All;
        }

        public IEnumerable<string> Unknown()
        {
            if (Last?.Start is not { } start)
            {
                yield return $"Job {Record.Job} has not begun: what it runs in is not known yet.";
                yield break;
            }

            if (start.Environment?.Facts is null)
            {
                yield return $"The worker of job {Record.Job} did not tell its environment.";
            }

            if (start.Machine?.Facts is null)
            {
                yield return $"The worker of job {Record.Job} did not tell its machine.";
            }

            if (Last.End is { Whole: false })
            {
                yield return $"Job {Record.Job} left more than its record lists.";
            }
        }

        /// <summary>What the plan says beyond the values and the names that are compared by themselves.</summary>
        private void AddPlan(Said said)
        {
            foreach (var part in (string[])["inputs", "steps", "outputs"])
            {
                foreach (var item in Plan[part] as JsonArray ?? [])
                {
                    said.AddJson($"{part[..^1]} {item!["name"]} of the graph", item);
                }
            }
        }

        private static void AddStart(Said said, StartRecord start)
        {
            said.Add("isolation", start.Level);
            said.AddNumber("threads", start.Threads);
            said.Add("network", start.Network is { } network ? (network ? "on" : "off") : null);
            said.AddNumber("time limit", start.Timeout);
            said.AddNumber("memory limit", start.Memory);
            said.Add("alidade", start.Alidade);
            foreach (var name in start.Data)
            {
                said.Add($"data folder {name}", "shown");
            }

            foreach (var name in start.Secrets)
            {
                said.Add($"secret {name}", "given");
            }

            AddEnvironment(said, start);
            foreach (var (name, value) in start.Machine?.Facts ?? [])
            {
                said.AddJson($"machine {name}", value);
            }
        }

        private static void AddEnvironment(Said said, StartRecord start)
        {
            var facts = start.Environment?.Facts ?? [];
            // Version, build and binary of an interpreter are one thing.
            said.Add("interpreter", string.Join(' ', Interpreter.Select(name => Text(facts[name])).OfType<string>()));
            said.AddJson("environment lock", facts["lock"]);
            foreach (var (name, version) in facts["packages"] as JsonObject ?? [])
            {
                said.AddJson($"package {name}", version);
            }
        }

        private static readonly string[] Interpreter = ["implementation", "python", "build", "binary"];
    }

    private static string? Text(JsonNode? value) =>
        value switch
        {
            null => null,
            JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
            _ => value.ToJsonString(),
        };

    /// <summary>Values by what they are of, as texts.</summary>
    private sealed class Said
    {
        public SortedDictionary<string, string> All { get; } = new(StringComparer.Ordinal);

        public void AddJson(string name, JsonNode? value) => Add(name, Text(value));

        public void AddNumber(string name, IFormattable? value) =>
            Add(name, value?.ToString(null, CultureInfo.InvariantCulture));

        public void Add(string name, string? value)
        {
            if (value is not null)
            {
                All[name] = value;
            }
        }
    }
}
