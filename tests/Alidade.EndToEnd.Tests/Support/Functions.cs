using Alidade.Client;
using Alidade.Functions;

namespace Alidade.EndToEnd.Tests.Support;

/// <summary>Jobs from a few lines of Python.</summary>
internal static class Functions
{
    /// <summary>Makes the only function of a source ready to be submitted.</summary>
    public static async Task<JobPlace> PublishAsync(
        this LiveServer server,
        string source,
        CancellationToken cancellation,
        FunctionNeeds? needs = null
    )
    {
        using var folder = new TempFolder();
        var function = FunctionFile.Read(new FileInfo(folder.Write("work.py", source)), null, []);
        var group = (await server.Client.Users.CurrentAsync(cancellation)).Groups[0].Id;
        var publisher = new FunctionPublisher(server.Client, group, needs);
        var published = await publisher.PublishAsync(function, "tests", "tests", cancellation);
        var content = new JobContent(published.Queue, published.Entrypoint, new Dictionary<string, string>());
        return new JobPlace(published.Experiment, content);
    }

    /// <summary>Submits the only function of a source, without parameters.</summary>
    public static async Task<Job> SubmitAsync(
        this LiveServer server,
        string source,
        CancellationToken cancellation,
        long? seed = null,
        string? timeout = null,
        FunctionNeeds? needs = null
    )
    {
        var place = await server.PublishAsync(source, cancellation, needs);
        var content = place.Content with { Timeout = timeout, Seed = seed };
        return await server.Client.Experiments.SubmitAsync(place.Experiment, content, cancellation);
    }

    /// <summary>Follows the job as <c>alidade run</c> does, and gives everything it logged.</summary>
    public static async Task<(Job Job, List<LogLine> Lines)> FollowAsync(
        this LiveServer server,
        long job,
        CancellationToken cancellation
    )
    {
        var lines = new List<LogLine>();
        var ended = await new Alidade.Cli.JobFollower(server.Client, TimeProvider.System).FollowAsync(
            job,
            lines.Add,
            _ => { },
            cancellation
        );
        return (ended, lines);
    }

    /// <summary>Waits until the job has logged this text.</summary>
    public static async Task HearAsync(this LiveServer server, long job, string text, CancellationToken cancellation)
    {
        while (true)
        {
            var page = await server.Client.Jobs.LogAsync(job, 0, cancellation: cancellation);
            if (page.Lines.Any(line => line.Message.Contains(text, StringComparison.Ordinal)))
            {
                return;
            }

            Assert.False(page.Complete, $"The job ended without logging \"{text}\"");
            await Task.Delay(50, cancellation);
        }
    }
}

/// <summary>What there is to submit, and where.</summary>
internal sealed record JobPlace(long Experiment, JobContent Content);
