using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alidade.Storage.Platform;
using Alidade.Storage.Records;

namespace Alidade.Server.Workers;

/// <summary>Takes in the facts that a worker's attempts refer to by digest; a worker sends each once, before it launches.</summary>
public sealed class RecordIntake(Stores stores)
{
    /// <summary>Ten thousand packages have room.</summary>
    public const int MostBytes = 1 << 20;
    private static readonly string[] _kinds = ["environment", "machine"];

    /// <exception cref="WorkerRefused">It is not what its digest says, or no JSON object of a known kind.</exception>
    public Task KeepAsync(string sha256, string? kind, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (!_kinds.Contains(kind))
        {
            throw WorkerRefused.Bad($"kind is '{kind}' and must be one of {string.Join(", ", _kinds)}.");
        }

        if (Convert.ToHexStringLower(SHA256.HashData(body.Span)) != sha256)
        {
            throw WorkerRefused.Bad("The body has another SHA-256 than the path says.");
        }

        var part = new RecordPart
        {
            Digest = sha256,
            Kind = kind!,
            Body = Text(body),
        };
        return stores.Core.WriteAsync(tx => RecordParts.Keep(tx, part), cancellation: cancellation);
    }

    private static string Text(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            var text = Encoding.UTF8.GetString(body.Span);
            // No database text holds a NUL; one that is escaped would come out as one.
            return
                json.RootElement.ValueKind == JsonValueKind.Object
                && !text.Contains("\\u0000", StringComparison.Ordinal)
                ? text
                : throw WorkerRefused.Bad("The body must be a JSON object without NUL characters.");
        }
        catch (JsonException e)
        {
            throw WorkerRefused.Bad($"The body cannot be read: {e.Message}");
        }
    }
}
