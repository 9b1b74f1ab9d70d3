using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Cli;

/// <summary>What a server cannot start with is said in a sentence that names it, and no stack trace.</summary>
public sealed class ServeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--host", "not.a.host", "http:host: 'not.a.host' is no IP address")]
    [InlineData("--postgres", "garbage", "This is no address of a PostgreSQL database")]
    [InlineData("--postgres", "Host=127.0.0.1;Port=1;Username=a;Database=b", "The PostgreSQL database cannot be used")]
    public async Task A_wrong_address_is_a_sentence(string flag, string value, string sentence)
    {
        using var folder = new TempFolder();
        await using var program = RunningProgram.Alidade(
            folder.Path,
            "serve",
            "--port",
            "0",
            "--data",
            folder.In("data"),
            flag,
            value
        );

        Assert.Equal(2, await program.EndAsync(Cancellation));
        Assert.Contains(sentence, program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.Output, StringComparison.Ordinal);
    }
}
