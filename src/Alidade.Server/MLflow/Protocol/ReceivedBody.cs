using System.Buffers;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>The whole body of a request, in a buffer that is lent: a batch of points is too large to make garbage of.</summary>
internal sealed class ReceivedBody : IDisposable
{
    /// <summary>Lent at once; what a header claims beyond it must come first.</summary>
    private const int MostClaimed = 1 << 18;

    private byte[] _buffer;
    private int _length;

    private ReceivedBody(int size) => _buffer = ArrayPool<byte>.Shared.Rent(size);

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    public static async Task<ReceivedBody> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        // One byte more than it holds, to see its end without growing.
        var body = new ReceivedBody((int)Math.Min(request.ContentLength ?? 0, MostClaimed) + 1);
        try
        {
            while (await request.Body.ReadAsync(body.Free(), cancellation) is > 0 and var read)
            {
                body._length += read;
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = ([], 0);
    }

    private Memory<byte> Free()
    {
        if (_length == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * _length);
            _buffer.AsSpan().CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsMemory(_length);
    }
}
