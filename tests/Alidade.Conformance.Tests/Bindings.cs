namespace Alidade.Conformance.Tests;

/// <summary>What our numbers and generated texts are called in the recording.</summary>
public sealed class Bindings
{
    private readonly Dictionary<(string Kind, string Recorded), string> _to = [];
    private readonly Dictionary<(string Kind, string Ours), string> _back = [];
    private readonly Dictionary<string, string> _opaque = new(StringComparer.Ordinal);

    /// <summary>Takes over a number at its first sight, and checks it from then on.</summary>
    public void Bind(string kind, long recorded, long ours, string where)
    {
        var (old, now) = ($"{recorded}", $"{ours}");
        if (_to.TryGetValue((kind, old), out var known))
        {
            Mismatch.When(known != now, $"{where}: expected {kind} {known} (recorded {old}), got {now}");
            return;
        }

        Mismatch.When(
            _back.TryGetValue((kind, now), out var other),
            $"{where}: {kind} {now} was given out twice (recorded {other} and {old})"
        );
        Set(kind, old, now);
    }

    /// <summary>Takes over an id without asking whether it is new.</summary>
    public void Set(string kind, string recorded, string ours) =>
        (_to[(kind, recorded)], _back[(kind, ours)]) = (ours, recorded);

    public string Of(string kind, string recorded) => _to.GetValueOrDefault((kind, recorded), recorded);

    /// <summary>Takes over a generated text (a run id, a UUID) at its first sight, and returns ours.</summary>
    public string BindText(string recorded, string ours) =>
        _opaque.TryGetValue(recorded, out var known) ? known : _opaque[recorded] = ours;

    public void SetText(string recorded, string ours) => _opaque[recorded] = ours;

    public string TextOf(string recorded) => _opaque.GetValueOrDefault(recorded, recorded);

    /// <summary>A text with every generated text inside it replaced by ours, the longest first.</summary>
    public string Rewrite(string text) =>
        _opaque
            .OrderByDescending(p => p.Key.Length)
            .Aggregate(text, (t, p) => t.Replace(p.Key, p.Value, StringComparison.Ordinal));
}

/// <summary>Our answer is not what was recorded.</summary>
public sealed class Mismatch(string message) : Exception(message)
{
    public static void When(bool differs, string message)
    {
        if (differs)
        {
            throw new Mismatch(message);
        }
    }
}
