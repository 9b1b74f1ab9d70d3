using System.Threading.Channels;
using Alidade.Client;

namespace Alidade.Cli;

/// <summary>
/// Follows a job to its end: each log line once and in order. Hints wake it; where they fail, and while the server is
/// away, it asks again by itself, so it survives a restart of the server.
/// </summary>
internal sealed class JobFollower(AlidadeClient client, TimeProvider time)
{
    private static readonly TimeSpan WithoutHint = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _hints = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    /// <param name="show">Gets each line.</param>
    /// <param name="notice">Gets what the user should know meanwhile: why the job waits, that the server is away.</param>
    public async Task<Job> FollowAsync(
        long id,
        Action<LogLine> show,
        Action<string> notice,
        CancellationToken cancellation
    )
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var listening = ListenAsync(id, ended.Token);
        try
        {
            return await ReadAsync(id, show, notice, cancellation);
        }
        finally
        {
            await ended.CancelAsync();
            await listening;
        }
    }

    private async Task<Job> ReadAsync(
        long id,
        Action<LogLine> show,
        Action<string> notice,
        CancellationToken cancellation
    )
    {
        var last = 0L;
        string? noticed = null;
        while (true)
        {
            try
            {
                var page = await client.Jobs.LogAsync(id, last, cancellation: cancellation);
                foreach (var line in page.Lines)
                {
                    show(line);
                }

                last = page.Last;
                if (page.Complete)
                {
                    return await client.Jobs.GetAsync(id, cancellation);
                }

                if (page.Lines.Count == 0 && !await WaitAsync(cancellation))
                {
                    Notice((await client.Jobs.GetAsync(id, cancellation)).WaitingReason);
                }
            }
            catch (ApiException problem) when (problem.IsAway)
            {
                Notice($"{client.Server} does not answer; the job goes on without it. Waiting for it to come back.");
                await Task.Delay(WithoutHint, time, cancellation);
            }
        }

        void Notice(string? text)
        {
            if (text is not null && text != noticed)
            {
                notice(noticed = text);
            }
        }
    }

    /// <returns>True when a hint came, false when it took too long.</returns>
    private async Task<bool> WaitAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(WithoutHint, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await _hints.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task ListenAsync(long id, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var _ in client.Live.FollowAsync($"job/{id}", cancellation))
                {
                    _hints.Writer.TryWrite(true);
                }
            }
            catch (Exception problem) when (problem is ApiException or IOException or OperationCanceledException)
            {
                // Without hints the log is asked for once a second; nothing is missed.
            }

            try
            {
                await Task.Delay(WithoutHint, time, cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
