using Alidade.EndToEnd.Tests.Support;

namespace Alidade.EndToEnd.Tests.Jobs;

/// <summary>A job that writes without end, beside jobs that do their work.</summary>
public sealed class FloodTests
{
    /// <summary>As fast as one can write: lines, a progress bar, a line without end, bytes that are no text.</summary>
    private const string Flood = """
        import os

        def flood():
            block = b"".join(b"line %06d\n" % n for n in range(10_000))
            for _ in range(20):
                os.write(1, block)
            for n in range(100_000):
                os.write(2, b"\r%d of 100000" % (n + 1))
            os.write(2, b"\n")
            for _ in range(20):
                os.write(1, b"x" * 1_000_000)
            os.write(1, b"\n" + bytes(range(256)).replace(b"\n", b"").replace(b"\r", b"") + b"\nlast\n")
        """;

    [Fact]
    public async Task A_flooding_job_keeps_every_line_and_the_others_end_meanwhile()
    {
        using var folder = new TempFolder();
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await LiveServer.StartAsync(folder.In("data"), cancellation, "--slots", "2");
        var quick = await server.SubmitAsync("def quick():\n    print('quick')\n", cancellation);
        var flood = await server.SubmitAsync(Flood, cancellation);
        var others = new List<long> { quick.Id };
        for (var n = 0; n < 5; n++)
        {
            others.Add((await server.SubmitAsync("def quick():\n    print('quick')\n", cancellation)).Id);
        }

        foreach (var other in others)
        {
            var (job, lines) = await server.FollowAsync(other, cancellation);
            Assert.Equal("finished", job.Status);
            Assert.Equal(["quick"], lines.Select(line => line.Message));
        }

        var (ended, said) = await server.FollowAsync(flood.Id, cancellation);
        Assert.Equal("finished", ended.Status);
        var messages = said.Select(line => line.Message).ToList();
        Assert.Equal(200_000, messages.Count(message => message.StartsWith("line ", StringComparison.Ordinal)));
        Assert.Equal(
            "100000 of 100000",
            Assert.Single(messages, m => m.EndsWith("of 100000", StringComparison.Ordinal))
        );
        Assert.Contains(messages, message => message.EndsWith("x [line cut at 16 KiB]", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Contains('\uFFFD', StringComparison.Ordinal));
        Assert.Equal("last", messages[^1]);
    }
}
