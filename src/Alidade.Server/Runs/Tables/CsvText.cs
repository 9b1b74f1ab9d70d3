using System.Globalization;

namespace Alidade.Server.Runs.Tables;

/// <summary>Cells of a CSV file (RFC 4180).</summary>
internal static class CsvText
{
    /// <summary>
    /// A cell that a spreadsheet would run as a formula begins with an apostrophe; numbers stay what they are.
    /// </summary>
    public static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var safe = IsFormula(text) ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0
            ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    public static string Row(IEnumerable<string?> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";

    private static bool IsFormula(string text) =>
        text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n'
        && text is not "-inf" // a metric, which .NET reads only as -Infinity
        && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
