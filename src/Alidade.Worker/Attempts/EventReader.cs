using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Alidade.Worker.Attempts;

/// <summary>
/// Reads <c>events/</c> while the supervisor writes it. A batch is read again until it is accepted, so what the server
/// has not taken is always still on disk; a file is deleted once all of it is accepted and a later one exists.
/// </summary>
internal sealed class EventReader(string folder) : IDisposable
{
    /// <summary>One request carries at most this much, except for a single longer line.</summary>
    private const int LargestBatch = 1 << 20;
    private const int LongestLine = 64 << 20;

    private byte[] _buffer = new byte[16 << 10];
    private SafeFileHandle? _file;
    private int _number;
    private long _offset;
    private long _skipThrough;

    /// <summary>The last event that was accepted.</summary>
    public long Accepted { get; private set; }

    /// <summary>Goes to the event after <paramref name="accepted"/>; earlier ones that are still on disk are passed over.</summary>
    public void Seek(long accepted)
    {
        Close();
        _number = First();
        (_offset, _skipThrough, Accepted) = (0, accepted, accepted);
    }

    /// <summary>The next lines, or null when there is nothing new.</summary>
    public EventBatch? Read()
    {
        while (Open())
        {
            // Looked for before reading: once a later file exists, nothing is appended to this one.
            var isLast = !File.Exists(Name(_number + 1));
            var length = RandomAccess.Read(_file!, _buffer, _offset);
            var whole = _buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            if (whole > 0)
            {
                if (Select(whole) is { } batch)
                {
                    return batch;
                }
            }
            else if (length == _buffer.Length)
            {
                Grow();
            }
            else if (isLast)
            {
                return null;
            }
            else
            {
                Next();
            }
        }

        return null;
    }

    /// <summary>Goes on behind a batch that the server has.</summary>
    public void Accept(EventBatch batch)
    {
        (_offset, Accepted) = (batch.End, batch.Last);
        if (_buffer.Length < LargestBatch && batch.Lines.Length > _buffer.Length / 2)
        {
            Grow();
        }
    }

    public void Dispose() => Close();

    /// <summary>Takes lines off the front of the buffer, up to an artifact; null when all were passed over.</summary>
    private EventBatch? Select(int whole)
    {
        var (start, end, first, last) = (0, 0, 0L, 0L);
        while (end < whole)
        {
            var length = _buffer.AsSpan(end, whole - end).IndexOf((byte)'\n') + 1;
            if (!EventBatch.TryRead(_buffer.AsSpan(end, length), out var number, out var isArtifact))
            {
                throw new InvalidDataException(
                    $"{Name(_number)} holds a line at byte {_offset + end} that is no event."
                );
            }

            if (number <= _skipThrough)
            {
                start = end += length;
                continue;
            }

            if (isArtifact && first > 0)
            {
                break;
            }

            (first, last, end) = (first > 0 ? first : number, number, end + length);
            if (isArtifact)
            {
                return Batch(start, end, first, last, isArtifact: true);
            }
        }

        if (first > 0)
        {
            return Batch(start, end, first, last, isArtifact: false);
        }

        _offset += end;
        return null;
    }

    private EventBatch Batch(int start, int end, long first, long last, bool isArtifact) =>
        new(_buffer.AsMemory(start, end - start), first, last, _offset + end, isArtifact);

    private bool Open()
    {
        if (_file is null)
        {
            _number = _number > 0 ? _number : First();
            if (_number == 0 || !File.Exists(Name(_number)))
            {
                return false;
            }

            _file = File.OpenHandle(Name(_number), share: FileShare.ReadWrite | FileShare.Delete);
        }

        return true;
    }

    private void Next()
    {
        Close();
        File.Delete(Name(_number));
        _number++;
        _offset = 0;
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Grow()
    {
        if (_buffer.Length >= LongestLine)
        {
            throw new InvalidDataException($"{Name(_number)} holds a line longer than {LongestLine} bytes.");
        }

        Array.Resize(ref _buffer, _buffer.Length * 2);
    }

    /// <summary>The number of the oldest file that is left, or 0 when there is none yet.</summary>
    private int First() =>
        Directory
            .EnumerateFiles(folder, "*.ndjson")
            .Select(path => int.TryParse(Path.GetFileNameWithoutExtension(path), out var number) ? number : 0)
            .Where(number => number > 0)
            .DefaultIfEmpty(0)
            .Min();

    private string Name(int number) =>
        Path.Combine(folder, number.ToString("000000", CultureInfo.InvariantCulture) + ".ndjson");
}
