using System.Collections.Concurrent;
using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;
using Alidade.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Attempts;

/// <summary>
/// Sends the facts that attempts refer to by digest, each once a session and before the first attempt that refers to it
/// is launched: when user code begins, its record is whole.
/// </summary>
internal sealed class RecordTeller(ReliableServer server, ILogger log)
{
    private readonly ConcurrentDictionary<string, bool> _told = new();

    public async Task TellAsync(IReadOnlyList<RecordPart> parts, CancellationToken cancellation)
    {
        foreach (var part in parts)
        {
            if (!_told.ContainsKey(part.Digest))
            {
                await TellAsync(part, cancellation);
                _told[part.Digest] = true;
            }
        }
    }

    /// <summary>A new session may be with a server that was restored to an earlier time.</summary>
    public void Forget() => _told.Clear();

    private async Task TellAsync(RecordPart part, CancellationToken cancellation)
    {
        try
        {
            await server.SendAsync((calls, session, token) => calls.KeepPartAsync(session, part, token), cancellation);
        }
        catch (ServerException e) when (e.Refusal is Refusal.Rejected)
        {
            // A job is worth more than its record, which will show that this is missing.
            log.PartRefused(part.Kind, part.Digest, e.Message);
        }
    }
}
