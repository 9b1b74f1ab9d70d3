using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Numerics;
using System.Text.Json;

namespace Alidade.Server.Metrics;

/// <summary>
/// Series as bytes, all numbers little-endian: <c>ALIDSER1</c>, the length of the head and four zero bytes, the head (JSON
/// as in the other format, with the number of points in place of the columns, padded with spaces to a multiple of 8), then
/// of each series the steps, the times and the values, each as 64-bit floating point. A browser reads them in place.
/// </summary>
internal sealed class BinarySeries(SeriesAnswer answer) : IResult
{
    private const int Alignment = 8;

    /// <summary>Numbers sent at once.</summary>
    private const int Piece = 8192;

    private static readonly byte[] Magic = "ALIDSER1"u8.ToArray();
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var head = Head();
        response.ContentType = "application/octet-stream";
        response.ContentLength =
            Magic.Length + Alignment + head.Length + answer.Series.Sum(s => 3L * sizeof(double) * s.Steps.Count);
        var start = new byte[Magic.Length + Alignment];
        Magic.CopyTo(start, 0);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(Magic.Length), head.Length);
        await response.Body.WriteAsync(start, httpContext.RequestAborted);
        await response.Body.WriteAsync(head, httpContext.RequestAborted);
        foreach (var series in answer.Series)
        {
            await WriteAsync(response.BodyWriter, series.Steps, httpContext.RequestAborted);
            await WriteAsync(response.BodyWriter, series.Times, httpContext.RequestAborted);
            await WriteAsync(response.BodyWriter, series.Values, httpContext.RequestAborted);
        }
    }

    private byte[] Head()
    {
        var series = answer.Series.Select(s => new
        {
            s.Job,
            s.Run,
            s.Name,
            s.Count,
            Last = Number(s.Last),
            s.LastStep,
            s.LastTime,
            Min = Number(s.Min),
            Max = Number(s.Max),
            s.Whole,
            Points = s.Steps.Count,
        });
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Series = series,
                answer.Cursor,
                answer.Delta,
                answer.Next,
            },
            Json
        );
        var padded = new byte[(json.Length + Alignment - 1) / Alignment * Alignment];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        return padded;

        static object Number(double value) => double.IsFinite(value) ? value : PythonFloat.Text(value);
    }

    /// <summary>In pieces, so that the whole is not in memory twice.</summary>
    private static async Task WriteAsync<T>(PipeWriter to, IReadOnlyList<T> column, CancellationToken cancellation)
        where T : INumber<T>
    {
        for (var at = 0; at < column.Count; at += Piece)
        {
            var count = Math.Min(Piece, column.Count - at);
            Write(to.GetSpan(count * sizeof(double)), column, at, count);
            to.Advance(count * sizeof(double));
            await to.FlushAsync(cancellation);
        }
    }

    private static void Write<T>(Span<byte> bytes, IReadOnlyList<T> column, int from, int count)
        where T : INumber<T>
    {
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(
                bytes[(i * sizeof(double))..],
                double.CreateTruncating(column[from + i])
            );
        }
    }
}
