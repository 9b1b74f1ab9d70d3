using System.Text;
using System.Text.Json;

namespace Alidade.Server.Tests.Fuzz;

/// <summary>What should never be sent, drawn from a seed.</summary>
public sealed class Hostile(Random random, IReadOnlyDictionary<string, long> known)
{
    private const int LongList = 100_000;

    private static readonly string[] Values =
    [
        "null",
        "true",
        "-1",
        "0",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "1e999",
        "-0.0",
        "1.5",
        "1" + new string('0', 400),
        "\"\"",
        "\" \"",
        "\"NaN\"",
        "\"' OR 1=1; DROP TABLE resource; --\"",
        "\"${jndi:x}{{7*7}}<script>alert(1)</script>\"",
        "\"../../../../etc/passwd\"",
        "\"%_/\\\\*[\\\"\"",
        "\"\\u0000\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udfff\\ud800\"",
        "\"\\u0001\\u001b[31m\\u007f\\u0085\\u2028\"",
        "\"\\u202e\\ufeff\\ud83d\\ude00\\u0301\\u0301\\u0301\"",
        "\"İıſKﬀ\"",
        "[]",
        "[null, {}, [[]], \"1\", 99999999, -1, 1, 1]",
        "{}",
        "{\"\": {\"\\u0000\": [1]}}",
        "{\"\\ud800\": 1}",
        "{\"id\": 1, \"snapshotId\": \"x\"}",
        "[{\"name\": \"\\u0000\", \"parameterType\": 1, \"defaultValue\": {}, \"inputParams\": null}]",
    ];

    private static readonly string[] Texts =
    [
        "",
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "1e3",
        "1.5",
        "abc",
        "null",
        "true",
        "%00",
        "a%00b",
        "%ff%fe",
        "%ed%a0%80",
        "..%2f..%2fetc",
        "%25%5f",
        "%27%20OR%201=1--",
        "name%3A%22%5C%22",
        "%22",
        "%5C",
        "a%3Ab%3Ac%3A",
        "%F0%9F%98%80",
        "%E2%80%AE",
        "%0d%0aX-Injected%3A%201",
    ];

    private static readonly string[] Types =
    [
        "application/json",
        "application/json; charset=utf-16",
        "text/plain",
        "application/xml",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "nonsense",
    ];

    private int _names;

    public string Method(string own) => Rarely() ? Any("PATCH", "HEAD", "OPTIONS", "POST", "PUT", "NONSENSE") : own;

    public string? Type => Usually() ? "application/json" : Any([.. Types, null!]);

    /// <summary>The path with ids that exist, mostly; and a query.</summary>
    public string Target(Operation operation)
    {
        var before = "";
        var parts = operation
            .Path.Split('/')
            .Select(part =>
            {
                if (!part.StartsWith('{'))
                {
                    return before = part;
                }

                return Usually() && known.TryGetValue(before, out var id) ? $"{id}" : Text();
            });
        var query = operation
            .Query.Append("search")
            .Append("unknown")
            .Where(_ => Rarely())
            .Select(name => $"{name}={Text()}");
        return string.Join('/', parts) + "?" + string.Join('&', query);
    }

    public IEnumerable<(string Name, string Value)> Headers()
    {
        if (Rarely())
        {
            yield return Any(
                ("Authorization", "Bearer \u00e9"),
                ("Authorization", "Basic !!!"),
                ("Authorization", "Basic " + Convert.ToBase64String([0, 255, 58, 0])),
                ("Cookie", "alidade_session=%00; =; x"),
                ("Range", "bytes=9-1,-0,99999999999999999999-"),
                ("If-None-Match", "\"" + new string('x', 4000)),
                ("Idempotency-Key", new string('k', 5000)),
                ("Accept", "application/xml;q=x"),
                ("Accept-Language", "\u00ff"),
                ("X-Forwarded-For", "' OR 1=1"),
                ("Last-Event-ID", "-1")
            );
        }
    }

    public byte[] Body(IReadOnlyList<(string Name, string Type)> fields)
    {
        var wrong = random.Next(4) switch
        {
            0 => fields.Select(f => f.Name).ToHashSet(),
            1 when fields.Count > 0 => [Any([.. fields]).Name, Any([.. fields]).Name],
            _ when fields.Count > 0 => [Any([.. fields]).Name],
            _ => [],
        };
        var members = fields
            .Where(_ => random.Next(12) > 0)
            .Select(f => $"{Quoted(f.Name)}: {(wrong.Contains(f.Name) ? Value() : Good(f.Name, f.Type))}")
            .ToList();
        if (Rarely())
        {
            members.Add($"{Any("\"\\u0000\"", "\"extra\"", "\"\\ud800\"", "\"__proto__\"")}: {Value()}");
        }

        if (Rarely() && members.Count > 0)
        {
            members.Add(Any([.. members]));
        }

        return Spoil(Encoding.UTF8.GetBytes("{" + string.Join(", ", members) + "}"));
    }

    /// <summary>Now and then no JSON at all.</summary>
    private byte[] Spoil(byte[] body) =>
        random.Next(24) switch
        {
            0 => body[..random.Next(body.Length)],
            1 => [],
            2 => [0xff, 0xfe, .. body],
            3 => Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body)),
            4 => [.. body, .. body],
            5 => Encoding.UTF8.GetBytes(Value()),
            6 => [.. body.Select(b => Rarely() && Rarely() ? (byte)random.Next(256) : b)],
            _ => body,
        };

    private string Value() =>
        random.Next(60) switch
        {
            0 => Quoted(new string('x', 1 << 20)),
            1 => "[" + string.Join(',', Enumerable.Repeat(Any("1", "\"a\"", "{}", "null"), LongList)) + "]",
            2 => new string('[', 500) + new string(']', 500),
            3 => string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 60),
            4 => $"{random.NextInt64(long.MinValue, long.MaxValue)}",
            5 => Quoted(new string(Any('\u0301', '\ud7ff', '\0', '\u202e'), 3000)),
            _ => Any(Values),
        };

    private string Text() => random.Next(20) == 0 ? new string('x', 3000) : Any(Texts);

    /// <summary>A value that is right, or at least of the right shape.</summary>
    private string Good(string name, string type) =>
        name switch
        {
            "group" => "1",
            "ids" => $"[{known["tags"]}]",
            "queue" or "entrypoint" or "experiment" or "plugin" or "job" or "artifact" =>
                $"{known.GetValueOrDefault(name + "s", 1)}",
            _ when type == "array" && known.TryGetValue(name, out var id) => $"[{id}]",
            "taskGraph" => Quoted("step:\n  add: $rows\n"),
            "filename" => Quoted($"file{_names++}.py"),
            "timeout" => Quoted("1h"),
            _ => type switch
            {
                "string" => Quoted($"fuzz{_names++}"),
                "integer" or "number" => "1",
                "boolean" => "true",
                "array" => "[]",
                _ => "{}",
            },
        };

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private bool Rarely() => random.Next(8) == 0;

    private bool Usually() => random.Next(4) > 0;

    private T Any<T>(params T[] of) => of[random.Next(of.Length)];
}
