using Spectre.Console;

namespace Alidade.Demo;

/// <summary>Prints defence × attack × eps, in per cent, with the place of each job.</summary>
internal static class MatrixTable
{
    public static void Print(IAnsiConsole console, IReadOnlyList<(MatrixJob Job, CellTable Cells)> rows, Uri server)
    {
        var table = new Table().Border(TableBorder.Simple).Title("Accuracy in per cent: clean, and attacked within ε");
        table.AddColumn("defence").AddColumn("attack").AddColumn(new TableColumn("clean").RightAligned());
        foreach (var eps in DigitsMatrix.Radii)
        {
            table.AddColumn(new TableColumn(FormattableString.Invariant($"ε {eps:0.00}")).RightAligned());
        }

        table.AddColumn(new TableColumn("job").NoWrap());
        foreach (var (job, cells) in rows)
        {
            table.AddRow([
                job.Defence.Replace('_', ' '),
                job.Attack.ToUpperInvariant(),
                Percent(cells.Cells[0].CleanAccuracy),
                .. DigitsMatrix.Radii.Select(eps =>
                    Percent(cells.Cells.FirstOrDefault(cell => cell.Eps == eps)?.RobustAccuracy)
                ),
                $"{server}jobs/{job.Id}",
            ]);
        }

        console.Write(table);
        var images = rows[0].Cells.Cells[0].Images;
        console.WriteLine(
            $"{images} held-out images. An attacked accuracy is what these attacks left: an upper bound of the truth."
        );
    }

    private static string Percent(double? share) =>
        share is { } known ? FormattableString.Invariant($"{known * 100:0.0}") : "–";
}
