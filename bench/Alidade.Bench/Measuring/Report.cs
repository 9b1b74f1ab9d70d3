using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Alidade.Bench.Measuring;

/// <summary>The numbers of one scenario: a table for the eye, a JSON file for comparison.</summary>
internal sealed class Report(string scenario)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly List<Measure> _measures = [];
    private readonly List<string> _notes = [];
    private readonly DateTimeOffset _begun = TimeProvider.System.GetUtcNow();
    private readonly double _loadBefore = Machine.Load;

    public void Add(Measure measure) => _measures.Add(measure);

    public void Note(string note) => _notes.Add(note);

    public void Print()
    {
        var table = new Table()
            .Border(TableBorder.Simple)
            .AddColumn(new TableColumn("what").NoWrap())
            .AddColumn("unit");
        foreach (var title in (string[])["value", "best", "p99", "n", "floor", "× floor"])
        {
            table.AddColumn(new TableColumn(title).RightAligned());
        }

        table.AddColumn("expected");
        foreach (var m in _measures)
        {
            table.AddRow(
                Markup.Escape(m.Name),
                m.Unit,
                Text(m.Value),
                Text(m.Best),
                Text(m.P99),
                m.Count.ToString(CultureInfo.InvariantCulture),
                Text(m.Floor),
                Text(m.Ratio),
                Markup.Escape(m.Expected ?? "")
            );
        }

        AnsiConsole.Write(table);
        foreach (var note in _notes)
        {
            AnsiConsole.MarkupLineInterpolated($"  {note}");
        }

        var (machine, cores) = (Machine.This.Processor, Machine.This.Cores);
        AnsiConsole.MarkupLineInterpolated(
            $"[grey]{cores} cores of {machine}; load average {_loadBefore:0.0} before, {Machine.Load:0.0} after[/]"
        );
    }

    /// <returns>Where the file is.</returns>
    public string Save()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "bench", "results")).FullName;
        var stamp = _begun.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var file = Path.Combine(folder, $"{stamp}-{scenario}.json");
        var content = new
        {
            scenario,
            begun = _begun,
            machine = Machine.This,
            load = new { before = _loadBefore, after = Machine.Load },
            measures = _measures,
            notes = _notes,
        };
        File.WriteAllText(file, JsonSerializer.Serialize(content, Indented));
        return Path.GetRelativePath(Repository.Root, file);
    }

    private static string Text(double? value) =>
        value switch
        {
            null => "",
            >= 100 or <= -100 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
            >= 10 or <= -10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
            _ => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
        };
}
