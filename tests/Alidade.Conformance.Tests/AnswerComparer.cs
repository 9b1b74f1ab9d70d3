using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Alidade.Conformance.Tests;

/// <summary>Holds one answer against the recorded one.</summary>
/// <param name="root">What a plain <c>id</c> in the answer names.</param>
/// <param name="isError">Of an error only the class counts.</param>
public sealed partial class AnswerComparer(Bindings bindings, string root, bool isError)
{
    private readonly Stack<string> _path = new();

    public void Compare(JsonElement want, JsonElement got)
    {
        switch (want.ValueKind)
        {
            case JsonValueKind.Object:
                CompareObject(want, got);
                break;
            case JsonValueKind.Array:
                CompareList(want, got);
                break;
            case JsonValueKind.Number:
                CompareNumber(want, got);
                break;
            case JsonValueKind.String:
                CompareText(want.GetString()!, got);
                break;
            default:
                Mismatch.When(want.ValueKind != got.ValueKind, Expected(want.GetRawText(), got));
                break;
        }
    }

    private void CompareObject(JsonElement want, JsonElement got)
    {
        Mismatch.When(got.ValueKind != JsonValueKind.Object, Expected("an object", got));
        foreach (var member in want.EnumerateObject())
        {
            Mismatch.When(
                !got.TryGetProperty(member.Name, out var ours),
                $"{Where}: member '{member.Name}' is missing in {Short(got)}"
            );
            Below(member.Name, member.Value, ours);
        }
    }

    private void CompareList(JsonElement want, JsonElement got)
    {
        Mismatch.When(
            got.ValueKind != JsonValueKind.Array || got.GetArrayLength() != want.GetArrayLength(),
            Expected($"{want.GetArrayLength()} items", got)
        );
        foreach (var (place, (a, b)) in want.EnumerateArray().Zip(got.EnumerateArray()).Index())
        {
            Below(place.ToString(CultureInfo.InvariantCulture), a, b);
        }
    }

    private void CompareNumber(JsonElement want, JsonElement got)
    {
        Mismatch.When(got.ValueKind != JsonValueKind.Number, Expected("a number", got));
        var keys = _path.Reverse().Where(k => !char.IsAsciiDigit(k[0]));
        if (want.TryGetInt64(out var recorded) && IdKinds.Of(root, keys) is { } kind)
        {
            Mismatch.When(!got.TryGetInt64(out var ours), Expected("a whole number", got));
            bindings.Bind(kind, recorded, ours, Where);
            return;
        }

        var (a, b) = (want.GetDouble(), got.GetDouble());
        Mismatch.When(Math.Abs(a - b) > 1e-9 * Math.Max(1, Math.Abs(a)), Expected(want.GetRawText(), got));
    }

    private void CompareText(string want, JsonElement got)
    {
        Mismatch.When(got.ValueKind != JsonValueKind.String, Expected("text", got));
        var ours = got.GetString()!;
        if (isError && _path.Peek() != "error")
        {
            return;
        }

        if (Time().IsMatch(want))
        {
            Mismatch.When(!Time().IsMatch(ours), Expected($"a time like {want}", got));
        }
        else if (Uuid().IsMatch(want))
        {
            var known = bindings.BindText(want, ours);
            Mismatch.When(known != ours, Expected(known, got));
        }
        else
        {
            Mismatch.When(Form(bindings.Rewrite(want)) != Form(ours), Expected(bindings.Rewrite(want), got));
        }
    }

    /// <summary>A text without what may differ in addresses: the server, and the numbers in its paths.</summary>
    private static string Form(string text)
    {
        text = Server().Replace(text, "http://SERVER");
        text = ServerPath()
            .Replace(text, m => Numbers().Replace(m.Value, "N").Replace("vN", "v1", StringComparison.Ordinal));
        return OwnPath().Replace(text, m => Numbers().Replace(m.Value, "N"));
    }

    private void Below(string key, JsonElement want, JsonElement got)
    {
        _path.Push(key);
        Compare(want, got);
        _path.Pop();
    }

    private string Where => _path.Count == 0 ? "answer" : string.Join('/', _path.Reverse());

    private string Expected(string what, JsonElement got) => $"{Where}: expected {what}, got {Short(got)}";

    private static string Short(JsonElement json)
    {
        var text = json.ValueKind == JsonValueKind.Undefined ? "nothing" : json.GetRawText();
        return text.Length > 300 ? text[..300] + "…" : text;
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$")]
    private static partial Regex Time();

    [GeneratedRegex("^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$", RegexOptions.IgnoreCase)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"https?://127\.0\.0\.1:\d+")]
    private static partial Regex Server();

    [GeneratedRegex(@"(?<=http://SERVER)/api/v1\S*")]
    private static partial Regex ServerPath();

    [GeneratedRegex("""(/api/v1)?(/[a-zA-Z]+)+/\d+(?=[/?\s"']|$)""")]
    private static partial Regex OwnPath();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Numbers();
}
