using Alidade.Client;

namespace Alidade.Tracking;

/// <summary>
/// Collects lines and puts them into the spool in numbered batches. Whoever adds lines never waits: beyond a bound lines
/// are counted instead of kept, and the log says so.
/// </summary>
internal sealed class LogSpooler(Spool spool, TimeProvider time)
{
    /// <summary>Characters held while the disk is slow or full.</summary>
    private const int MostHeld = 32 << 20;
    private const int LinesInBatch = 2000;
    private const int CharactersInBatch = 512 * 1024;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly Queue<RunLine> _lines = [];
    private int _held;
    private long _lost;
    private long _batch;

    public void Add(string stream, string text)
    {
        lock (_gate)
        {
            if (_held + text.Length > MostHeld)
            {
                _lost++;
                return;
            }

            Put(stream, stream == "stderr" ? "WARNING" : "INFO", text);
        }
    }

    public void Say(string severity, string text)
    {
        lock (_gate)
        {
            Put("system", severity, text);
        }
    }

    /// <summary>Writes what comes until cancelled, then what is left.</summary>
    /// <exception cref="IOException">The last lines could not be written.</exception>
    public async Task RunAsync(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            await Task.Delay(Pace, time, ended).ContinueWith(_ => { }, TaskScheduler.Default);
            try
            {
                WriteAll();
            }
            catch (IOException) when (!ended.IsCancellationRequested)
            {
                // The disk is full perhaps; the lines are held and tried again.
            }
        }

        WriteAll();
    }

    private void WriteAll()
    {
        while (Next() is { Count: > 0 } lines)
        {
            spool.SaveBatch(_batch + 1, lines);
            _batch++;
            lock (_gate)
            {
                for (var i = 0; i < lines.Count; i++)
                {
                    _held -= _lines.Dequeue().Message.Length;
                }
            }
        }
    }

    /// <summary>The next lines, which stay in the queue until they are on disk.</summary>
    private List<RunLine> Next()
    {
        lock (_gate)
        {
            if (_lost > 0 && _held < MostHeld / 2)
            {
                Put("system", "WARNING", $"{_lost} lines were not kept: the disk did not keep up.");
                _lost = 0;
            }

            var characters = 0;
            return [.. _lines.Take(LinesInBatch).TakeWhile(l => (characters += l.Message.Length) < CharactersInBatch)];
        }
    }

    private void Put(string stream, string severity, string text)
    {
        var now = (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;
        _held += text.Length;
        _lines.Enqueue(new RunLine(now, stream, severity, text));
    }
}
