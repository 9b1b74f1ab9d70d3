using System.Net;
using System.Security.Cryptography;

namespace Alidade.Client;

/// <summary>Files of any size to and from runs: taken up again after a cut, checked by their digest, never held in memory.</summary>
public sealed class LargeFiles(AlidadeClient client, TimeProvider time)
{
    private const long Piece = 64L << 20;
    private const int Tries = 8;

    /// <summary>How often in a row the server may fail before this does.</summary>
    public int Patience { get; init; } = Tries;

    /// <returns>Its SHA-256.</returns>
    /// <exception cref="ApiException">The server refuses it, or has been away too long.</exception>
    public async Task<string> UploadAsync(
        string run,
        string path,
        FileStream content,
        CancellationToken cancellation = default
    )
    {
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation));
        var begun = await client.Runs.BeginUploadAsync(run, path, content.Length, sha256, cancellation);
        await RepeatAsync(
            async () =>
            {
                var now = await client.Runs.UploadAsync(run, begun.Id, cancellation);
                while (!now.Complete && now.Offset < content.Length)
                {
                    content.Seek(now.Offset, SeekOrigin.Begin);
                    using var piece = new StreamContent(
                        new Part(content, Math.Min(Piece, content.Length - now.Offset))
                    );
                    piece.Headers.ContentLength = Math.Min(Piece, content.Length - now.Offset);
                    now = await client.Runs.AppendAsync(run, begun.Id, now.Offset, piece, cancellation);
                }

                return await client.Runs.CompleteAsync(run, begun.Id, cancellation);
            },
            () => begun.Id,
            cancellation
        );
        return sha256;
    }

    /// <summary>Goes on after what the file holds already.</summary>
    /// <exception cref="InvalidDataException">What arrived is not what the server has; the file is emptied.</exception>
    public async Task<string> DownloadAsync(
        string run,
        string path,
        FileStream to,
        CancellationToken cancellation = default
    )
    {
        var sha256 = await RepeatAsync(
            async () =>
            {
                to.Seek(0, SeekOrigin.End);
                var (content, tag) = await client.Runs.OpenFileAtAsync(run, path, to.Length, cancellation);
                await using (content)
                {
                    await content.CopyToAsync(to, cancellation);
                }

                return tag;
            },
            () => to.Length,
            cancellation
        );
        to.Seek(0, SeekOrigin.Begin);
        var found = Convert.ToHexStringLower(await SHA256.HashDataAsync(to, cancellation));
        if (found != sha256)
        {
            to.SetLength(0);
            throw new InvalidDataException(
                $"{path} arrived with the SHA-256 {found} instead of {sha256}. Fetch it again."
            );
        }

        return found;
    }

    /// <param name="progress">While this changes from try to try, the server is not given up.</param>
    private async Task<T> RepeatAsync<T>(Func<Task<T>> work, Func<object> progress, CancellationToken cancellation)
    {
        var (failures, before) = (0, progress());
        while (true)
        {
            try
            {
                return await work();
            }
            catch (Exception problem)
                when ((
                        problem
                        is IOException
                            or ApiException
                            {
                                Status: null or >= HttpStatusCode.InternalServerError or HttpStatusCode.Conflict
                            }
                    )
                    && failures < Patience
                )
            {
                var now = progress();
                failures = now.Equals(before) ? failures + 1 : 1;
                before = now;
                await Task.Delay(TimeSpan.FromSeconds(0.2 * failures), time, cancellation);
            }
        }
    }

    /// <summary>The next bytes of a file; disposing it leaves the file open.</summary>
    private sealed class Part(FileStream file, long left) : Stream
    {
        private long _left = left;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = file.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            _left -= count;
            return count;
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            var count = await file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= count;
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
