using System.Buffers.Binary;
using System.Runtime.InteropServices;
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
            await response.Body.WriteAsync(Columns(series), httpContext.RequestAborted);
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

    private static byte[] Columns(SeriesPart series)
    {
        var count = series.Steps.Count;
        var bytes = new byte[3 * sizeof(double) * count];
        var numbers = MemoryMarshal.Cast<byte, double>(bytes.AsSpan());
        for (var i = 0; i < count; i++)
        {
            numbers[i] = series.Steps[i];
            numbers[count + i] = series.Times[i];
            numbers[(2 * count) + i] = series.Values[i];
        }

        if (!BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, long>(bytes.AsSpan());
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        return bytes;
    }
}
