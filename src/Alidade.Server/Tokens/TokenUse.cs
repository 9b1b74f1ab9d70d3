using System.Threading.Channels;
using Alidade.Server.Platform.Background;
using Alidade.Storage.Platform;

namespace Alidade.Server.Tokens;

/// <summary>Writes down when tokens were last used: beside the requests, at most once a minute for each.</summary>
public sealed partial class TokenUse(Stores stores, ILogger<TokenUse> logger) : BackgroundLoop
{
    /// <summary>Notes that wait to be written; when the store is that slow, losing one only makes a time older.</summary>
    private const int Backlog = 1000;

    private static readonly long Apart = TimeSpan.FromMinutes(1).Ticks / 10;

    private readonly Channel<(long Token, long At)> _notes = Channel.CreateBounded<(long, long)>(
        new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );

    /// <param name="before">When it was used before, as far as is known.</param>
    public void Note(long token, long? before, long now)
    {
        if (before is null || now - before >= Apart)
        {
            _notes.Writer.TryWrite((token, now));
        }
    }

    protected override ValueTask<bool> NextAsync(CancellationToken cancellation) =>
        _notes.Reader.WaitToReadAsync(cancellation);

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        // Requests that came while one write was under way say the same: one row each is enough.
        var seen = new Dictionary<long, long>();
        while (_notes.Reader.TryRead(out var note))
        {
            seen[note.Token] = note.At;
        }

        await stores.Core.WriteAsync(t => Write(t, seen), Lane.Bulk, cancellation);
    }

    private static int Write(ITransaction t, Dictionary<long, long> seen) =>
        seen.Sum(note =>
            t.Execute(
                "UPDATE api_token SET used = @At WHERE id = @Id AND (used IS NULL OR used <= @At - @Apart)",
                new
                {
                    Id = note.Key,
                    At = note.Value,
                    Apart,
                }
            )
        );

    [LoggerMessage(1, LogLevel.Warning, "The last use of some tokens was not written down")]
    protected override partial void Failed(Exception error);
}
