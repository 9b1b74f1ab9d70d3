using System.Net;
using Alidade.Client;

namespace Alidade.Tracking;

/// <summary>
/// Brings what a spool holds to the server, in order, deleting what is acknowledged. Whatever is interrupted is sent again
/// and counts once.
/// </summary>
internal sealed class RunSender(AlidadeClient client, Spool spool, RunRecord record, TimeProvider time)
{
    private const string Writer = "alidade track";
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private Run? _run;

    /// <summary>Makes the run, if it is not there yet.</summary>
    public async Task<Run> BeginAsync(CancellationToken cancellation) =>
        _run ??= await client.Runs.PutAsync(
            record.Id,
            new RunContent(
                record.Experiment,
                record.Name,
                Started: record.Started,
                Parameters: record.Parameters,
                Tags: record.Tags
            ),
            cancellation
        );

    /// <summary>Sends what comes until cancelled. The server may come and go.</summary>
    public async Task FollowAsync(CancellationToken ended)
    {
        var pause = Pace;
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await SendAsync(ended);
                pause = Pace;
            }
            catch (Exception e) when (IsPassing(e))
            {
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            await Task.Delay(pause, time, ended).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Sends all there is, and when the run has ended the end, after which the spool is gone.</summary>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> SendAsync(CancellationToken cancellation)
    {
        var run = await BeginAsync(cancellation);
        // Read first: nothing is written after the end.
        var end = spool.End();
        foreach (var (number, path) in spool.Batches())
        {
            await client.Runs.AddLinesAsync(run.Id, Writer, number, Spool.ReadBatch(path), cancellation);
            File.Delete(path);
        }

        if (end is null)
        {
            return false;
        }

        await SendFilesAsync(run, cancellation);
        await new MlrunsSender(client, run, spool.Mlruns).SendAsync(cancellation);
        await client.Runs.PutAsync(
            run.Id,
            new RunContent(Status: end.Status, Ended: end.Ended, Tags: end.Tags),
            cancellation
        );
        await RevokeAsync(cancellation);
        spool.Delete();
        return true;
    }

    /// <summary>Trouble that may be over later; everything else is a refusal that a second try does not change.</summary>
    public static bool IsPassing(Exception problem) =>
        problem is OperationCanceledException or IOException
        || problem is ApiException { Status: null or HttpStatusCode.TooManyRequests or >= (HttpStatusCode)500 };

    private async Task SendFilesAsync(Run run, CancellationToken cancellation)
    {
        foreach (var path in Directory.GetFiles(spool.Files, "*", SearchOption.AllDirectories))
        {
            await using (var content = File.OpenRead(path))
            {
                var name = "alidade/" + Path.GetRelativePath(spool.Files, path).Replace('\\', '/');
                await client.Runs.PutFileAsync(run, name, content, cancellation);
            }

            File.Delete(path);
        }
    }

    private async Task RevokeAsync(CancellationToken cancellation)
    {
        if (record.Token is not { } token)
        {
            return;
        }

        try
        {
            await client.Tokens.RevokeAsync(token, cancellation);
        }
        catch (ApiException e) when (e.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            // Gone already, or for this one's owner to revoke; it expires by itself.
        }
    }
}
