using System.Globalization;

namespace Alidade.Demo;

/// <summary>The rows of a <c>cells.csv</c>; the text stays as the job wrote it.</summary>
internal sealed record CellTable(string Header, IReadOnlyList<string> Lines, IReadOnlyList<Cell> Cells)
{
    /// <exception cref="FormatException">A column is missing or not a number.</exception>
    public static CellTable Read(string csv)
    {
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var columns = lines[0].Split(',');
        return new CellTable(lines[0], lines[1..], [.. lines[1..].Select(line => CellOf(columns, line.Split(',')))]);
    }

    private static Cell CellOf(string[] columns, string[] row)
    {
        return new Cell(
            Text("defence"),
            Text("attack"),
            Number("eps"),
            (int)Number("images"),
            Number("clean_accuracy"),
            Number("robust_accuracy")
        );

        string Text(string column) =>
            Array.IndexOf(columns, column) is var index and >= 0 && index < row.Length
                ? row[index]
                : throw new FormatException($"cells.csv has no column {column}");

        double Number(string column) => double.Parse(Text(column), CultureInfo.InvariantCulture);
    }
}

internal sealed record Cell(
    string Defence,
    string Attack,
    double Eps,
    int Images,
    double CleanAccuracy,
    double RobustAccuracy
);
