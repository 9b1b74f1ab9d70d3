using Alidade.Server.Runs.Tables;

namespace Alidade.Server.Tests.Runs;

public sealed class CsvTextTests
{
    [Fact]
    public void Numbers_stay_numbers_and_formulas_become_texts() =>
        Assert.Equal("-1.5,-inf,inf,nan,'-a,'=1\r\n", CsvText.Row(["-1.5", "-inf", "inf", "nan", "-a", "=1"]));
}
