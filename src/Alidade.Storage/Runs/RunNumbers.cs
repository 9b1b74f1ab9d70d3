using System.Globalization;
using System.Text.Json;
using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>Texts that are numbers, as integers of the same order, so that both databases compare and sort them alike.</summary>
public static class RunNumbers
{
    private const int Rows = 1000;

    /// <summary>Null for a text that is no number; NaN is none.</summary>
    public static long? Of(string text) =>
        text.Length is > 0 and <= 40
        && (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.')
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && !double.IsNaN(number)
            ? OrderedDouble.ToLong(number == 0 ? 0 : number)
            : null;

    /// <summary>Brings the numbers of values that were there before their column, and what jobs were given, into the tables.</summary>
    internal static void Migrate(ITransaction t)
    {
        foreach (var table in (string[])["run_parameter", "run_result"])
        {
            AddNumbers(t, table);
        }

        for (long after = 0; ; )
        {
            var page = t.Query<Given>(
                $"SELECT job, run, parameter_values FROM job_detail WHERE job > @after ORDER BY job LIMIT {Rows}",
                new { after }
            );
            foreach (var row in page)
            {
                AddGiven(t, row);
            }

            if (page.Count < Rows)
            {
                return;
            }

            after = page[^1].Job;
        }
    }

    /// <summary>As the tables are at this step: later ones may have added to what else a parameter is written to.</summary>
    private static void AddGiven(ITransaction t, Given row)
    {
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string?>>(row.ParameterValues)!)
        {
            if (value is not null)
            {
                t.Execute(
                    """
                    INSERT INTO run_parameter (run, name, value, number, given) VALUES (@Run, @name, @value, @number, 1)
                    ON CONFLICT (run, name) DO NOTHING
                    """,
                    new
                    {
                        row.Run,
                        name,
                        value,
                        number = Of(value),
                    }
                );
            }
        }
    }

    private static void AddNumbers(ITransaction t, string table)
    {
        var (run, name) = ("", "");
        while (true)
        {
            var page = t.Query<NamedValue>(
                $"SELECT run, name, value FROM {table} WHERE (run, name) > (@run, @name) ORDER BY run, name LIMIT {Rows}",
                new { run, name }
            );
            foreach (var row in page)
            {
                if (Of(row.Value) is { } number)
                {
                    t.Execute(
                        $"UPDATE {table} SET number = @number WHERE run = @Run AND name = @Name",
                        new
                        {
                            number,
                            row.Run,
                            row.Name,
                        }
                    );
                }
            }

            if (page.Count < Rows)
            {
                return;
            }

            (run, name) = (page[^1].Run, page[^1].Name);
        }
    }

    private sealed record Given
    {
        public long Job { get; init; }
        public string Run { get; init; } = "";
        public string ParameterValues { get; init; } = "{}";
    }
}
