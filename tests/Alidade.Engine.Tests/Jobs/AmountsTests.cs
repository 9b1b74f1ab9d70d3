using Alidade.Engine.Jobs;

namespace Alidade.Engine.Tests.Jobs;

public sealed class AmountsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1_288_490_188, "1.2 GiB")]
    [InlineData(-3 * 1024, "-3 KiB")]
    [InlineData(long.MaxValue, "8388608 TiB")]
    public void Amounts_are_said_in_the_unit_that_leaves_a_short_number(long bytes, string said) =>
        Assert.Equal(said, Amounts.Readable(bytes));

    [Theory]
    [InlineData("4GiB", 4L << 30, "4GiB")]
    [InlineData(" 1.5 kib ", 1536L, "1536")]
    [InlineData("2MB", 2_000_000L, "2000000")]
    [InlineData("lots", null, null)]
    [InlineData("-1", null, null)]
    public void What_people_write_is_read_and_written_back_exactly(string text, long? bytes, string? written)
    {
        Assert.Equal(bytes, Amounts.Bytes(text));
        Assert.Equal(written, bytes is { } count ? Amounts.Text(count) : null);
    }
}
