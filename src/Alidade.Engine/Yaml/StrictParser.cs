using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Alidade.Engine.Yaml;

/// <summary>
/// The parser's events, with every failure as a <see cref="YamlException"/>: on some malformed texts the scanner
/// itself throws what it should have reported.
/// </summary>
internal sealed class StrictParser(IParser inner) : IParser
{
    public ParsingEvent? Current => inner.Current;

    public bool MoveNext()
    {
        try
        {
            return inner.MoveNext();
        }
        catch (Exception error)
            when (error is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            var after = inner.Current?.End ?? new Mark(0, 1, 1);
            const string Reason =
                "something after this place is not YAML; values in brackets must be indented further than the line "
                + "their bracket opens on";
            throw new YamlException(after, after, Reason, error);
        }
    }
}
