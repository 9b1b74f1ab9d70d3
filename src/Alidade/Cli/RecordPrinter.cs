using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Client;
using Alidade.Engine.Jobs;
using Spectre.Console;

namespace Alidade.Cli;

/// <summary>Shows records and comparisons of jobs in a terminal.</summary>
internal sealed class RecordPrinter(IAnsiConsole console)
{
    public void Show(JobRecord record)
    {
        var definition = record.Definition;
        var table = NewTable();
        Add(table, "job", record.Job);
        Add(table, "entrypoint", $"{definition.Entrypoint.Name} (snapshot {definition.Entrypoint.Snapshot})");
        Add(table, "plan", definition.PlanDigest);
        Add(table, "seed", $"{definition.Seed} ({(definition.SeedGiven ? "given" : "drawn")})");
        AddAll(table, "parameter", definition.Parameters);
        AddFiles(table, "plugin file", definition.Plugins);
        AddFiles(table, "input", definition.Inputs);
        foreach (var attempt in record.Attempts)
        {
            table.AddEmptyRow();
            Add(table, "attempt", $"{attempt.Number} {State(attempt.State)}");
            Add(table, "worker", attempt.Worker);
            AddStart(table, attempt.Start);
            AddEnd(table, attempt.End);
        }

        console.Write(table);
    }

    public void Show(JobComparison comparison)
    {
        foreach (var unknown in comparison.Unknown)
        {
            console.MarkupLineInterpolated($"[yellow]{unknown}[/]");
        }

        if (comparison.Shape.Count == 0)
        {
            console.WriteLine("Nothing that shapes them differs.");
        }

        var table = new Table().Border(TableBorder.None);
        table.AddColumns("", "differs", $"job {comparison.Job}", $"job {comparison.Other}");
        AddDifferences(table, "shape", comparison.Shape);
        AddDifferences(table, "place", comparison.Place);
        AddDifferences(table, "outcome", comparison.Outcome);
        if (table.Rows.Count > 0)
        {
            console.Write(table);
        }
    }

    /// <summary>As the state of a job is called.</summary>
    private static string State(string attempt) => attempt == "succeeded" ? "finished" : attempt;

    private static void AddStart(Table table, RecordedStart? start)
    {
        if (start is null)
        {
            return;
        }

        Add(table, "started", start.StartedOn);
        Add(table, "isolation", start.Level);
        Add(table, "python", $"{start.Python} ({start.Executable})");
        Add(table, "threads", start.Threads);
        Add(table, "network", start.Network is { } network ? (network ? "on" : "off") : null);
        Add(table, "data folders", start.Data.Count > 0 ? string.Join(", ", start.Data) : null);
        Add(table, "secrets", start.Secrets.Count > 0 ? string.Join(", ", start.Secrets) : null);
        Add(table, "alidade", start.Alidade);
        Add(table, "host", start.Host);
        Add(table, "memory limit", Readable(start.Memory));
        AddMachine(table, start.Machine?.Facts);
        Add(table, "environment", start.Environment?.Digest);
        Add(table, "environment lock", start.Environment?.Facts?["lock"]);
        AddAll(table, "package", start.Environment?.Facts?["packages"] as JsonObject);
    }

    private static void AddEnd(Table table, RecordedEnd? end)
    {
        if (end is null)
        {
            return;
        }

        Add(table, "ended", end.EndedOn);
        Add(table, "reason", end.Reason);
        Add(table, "exit", end.Exit);
        Add(table, "signal", end.Signal);
        Add(table, "peak memory", Readable(end.PeakMemory));
        Add(table, "CPU seconds", end.CpuSeconds);
        foreach (var result in end.Results)
        {
            Add(table, $"result {result.Name}", result.Sha256 ?? result.Value?.ToJsonString() ?? "null");
        }

        foreach (var output in end.Outputs)
        {
            Add(table, $"output {output.Path}", Hashed(output.Sha256, output.Size));
        }

        Add(table, "", end.Whole ? null : "and more");
    }

    private static Table NewTable() => new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");

    private static void AddFiles(Table table, string what, IReadOnlyList<RecordedFile> files)
    {
        foreach (var file in files)
        {
            Add(table, $"{what} {file.Path}", Hashed(file.Sha256, file.Size));
        }
    }

    private static void AddMachine(Table table, JsonObject? facts)
    {
        foreach (var (name, value) in facts ?? [])
        {
            var isBytes = name == "memory" && value?.GetValueKind() == JsonValueKind.Number;
            Add(table, $"machine {name}", isBytes ? Readable((long)value!) : value?.ToString());
        }
    }

    private static string Hashed(string? sha256, long size) => $"{sha256} ({Amounts.Readable(size)})".TrimStart();

    private static string? Readable(long? bytes) => bytes is { } count ? Amounts.Readable(count) : null;

    private static void AddAll(Table table, string what, JsonObject? values)
    {
        foreach (var (name, value) in values ?? [])
        {
            Add(table, $"{what} {name}", value?.ToString());
        }
    }

    private static void Add(Table table, string name, object? value)
    {
        if (value is not null)
        {
            table.AddRow(name.EscapeMarkup(), FormattableString.Invariant($"{value}").EscapeMarkup());
        }
    }

    private static void AddDifferences(Table table, string part, IReadOnlyList<JobDifference> differences)
    {
        foreach (var difference in differences)
        {
            table.AddRow(
                part,
                difference.Name.EscapeMarkup(),
                (difference.Here ?? "–").EscapeMarkup(),
                (difference.There ?? "–").EscapeMarkup()
            );
        }
    }
}
