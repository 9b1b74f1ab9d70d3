using System.Text;

namespace Alidade.Tracking;

/// <summary>
/// Cuts the bytes of a stream into lines of a log. Of a line redrawn with carriage returns, such as a progress bar, the
/// last state is kept.
/// </summary>
internal sealed class LineCutter
{
    private const int LongestLine = 16 * 1024;
    private const string CutMark = " [line cut at 16 KiB]";

    private readonly List<byte> _held = [];
    private bool _isCut;

    public IReadOnlyList<string> Feed(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<string>();
        int end;
        while ((end = bytes.IndexOf((byte)'\n')) >= 0)
        {
            Hold(bytes[..end]);
            lines.Add(Take());
            bytes = bytes[(end + 1)..];
        }

        Hold(bytes);
        return lines;
    }

    /// <summary>The last line, when the stream ended without a line feed; else null.</summary>
    public string? Finish() => _held.Count > 0 ? Take() : null;

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        // A carriage return at the end may be half of a line end: it stays until more is known.
        var last = bytes.TrimEnd((byte)'\r').LastIndexOf((byte)'\r');
        if (last >= 0 || (bytes.TrimEnd((byte)'\r').Length > 0 && _held.Count > 0 && _held[^1] == '\r'))
        {
            _held.Clear();
            _isCut = false;
            bytes = bytes[(last + 1)..];
        }

        var room = LongestLine - _held.Count;
        _isCut |= bytes.Length > room;
        _held.AddRange(bytes[..Math.Min(bytes.Length, room)]);
    }

    private string Take()
    {
        var text = Encoding.UTF8.GetString([.. _held]).TrimEnd('\r').Replace('\0', '\uFFFD');
        var line = _isCut ? text + CutMark : text;
        _held.Clear();
        _isCut = false;
        return line;
    }
}
