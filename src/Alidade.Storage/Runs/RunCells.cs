using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>A value of a run: a number of a series, or a text.</summary>
/// <param name="Number">Of a series; null for what is text.</param>
/// <param name="Text">A parameter or tag as it was written, a result as JSON.</param>
public readonly record struct RunCell(double? Number, string? Text);

/// <summary>The series of a run as a table needs it.</summary>
public sealed record SeriesCell
{
    public string Run { get; init; } = "";
    public string Name { get; init; } = "";
    public long Count { get; init; }
    public long Last { get; init; }
    public long LastStep { get; init; }
    public long Min { get; init; }
    public long Max { get; init; }
}

/// <summary>Values of many runs by what they are: read with one query for each kind, whatever the number of runs.</summary>
public sealed class RunCells
{
    private readonly Dictionary<(RunField, string, string), RunCell> _cells = [];

    public RunCell? this[string run, RunField field, string name] =>
        _cells.TryGetValue((field, run, name), out var cell) ? cell : null;

    /// <param name="columns">Which values; attributes and datasets are none.</param>
    public static RunCells Read(
        ISession read,
        IReadOnlyList<string> runs,
        IReadOnlyList<(RunField Field, string Name)> columns
    )
    {
        var cells = new RunCells();
        var ids = runs.ToArray();
        foreach (var (field, table) in Tables)
        {
            string[] names = [.. columns.Where(c => c.Field == field).Select(c => c.Name).Distinct()];
            if (names.Length > 0)
            {
                cells.AddTexts(read, field, table, ids, names);
            }
        }

        string[] series = [.. columns.Where(c => IsSeries(c.Field)).Select(c => c.Name).Distinct()];
        if (series.Length > 0)
        {
            cells.AddSeries(read, ids, series);
        }

        return cells;
    }

    /// <summary>Which values these runs have, in order of name.</summary>
    public static IReadOnlyList<(RunField Field, string Name)> Names(ISession read, IReadOnlyList<string> runs)
    {
        var args = new { Runs = runs.ToArray() };
        var found = new List<(RunField, string)>();
        foreach (var (field, table) in Tables.Append((RunField.Metric, "series")))
        {
            found.AddRange(
                read.Query<string>($"SELECT DISTINCT name FROM {table} WHERE run = ANY(@Runs)", args)
                    .Order(StringComparer.Ordinal)
                    .Select(name => (field, name))
            );
        }

        return found;
    }

    public static bool IsSeries(RunField field) => field is RunField.Metric or RunField.Least or RunField.Greatest;

    private static readonly (RunField Field, string Table)[] Tables =
    [
        (RunField.Parameter, "run_parameter"),
        (RunField.Result, "run_result"),
        (RunField.Tag, "run_tag"),
    ];

    private void AddTexts(ISession read, RunField field, string table, string[] ids, string[] names)
    {
        var rows = read.Query<NamedValue>(
            $"SELECT run, name, value FROM {table} WHERE run = ANY(@Ids) AND name = ANY(@Names)",
            new { Ids = ids, Names = names }
        );
        foreach (var row in rows)
        {
            _cells[(field, row.Run, row.Name)] = new RunCell(null, row.Value);
        }
    }

    private void AddSeries(ISession read, string[] ids, string[] names)
    {
        var rows = read.Query<SeriesCell>(
            "SELECT run, name, count, last, last_step, min, max FROM series WHERE run = ANY(@Ids) AND name = ANY(@Names)",
            new { Ids = ids, Names = names }
        );
        foreach (var row in rows)
        {
            _cells[(RunField.Metric, row.Run, row.Name)] = new RunCell(OrderedDouble.ToDouble(row.Last), null);
            _cells[(RunField.Least, row.Run, row.Name)] = new RunCell(OrderedDouble.ToDouble(row.Min), null);
            _cells[(RunField.Greatest, row.Run, row.Name)] = new RunCell(OrderedDouble.ToDouble(row.Max), null);
        }
    }
}
