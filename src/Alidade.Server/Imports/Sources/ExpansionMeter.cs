namespace Alidade.Server.Imports.Sources;

/// <summary>Reads what an archive expands to, and refuses to go on where that grows beyond <see cref="ImportLimits"/>.</summary>
/// <param name="packed">Bytes of the archive itself.</param>
internal sealed class ExpansionMeter(long packed)
{
    private readonly long _limit = Math.Min(
        ImportLimits.Expanded,
        ImportLimits.FreeExpansion + (packed * ImportLimits.Ratio)
    );
    private long _expanded;

    public Stream Watch(Stream content) => new Watched(this, content);

    private void Count(int bytes)
    {
        _expanded += bytes;
        if (_expanded > _limit)
        {
            throw ImportFailure.Because(
                $"The archive expands to more than {_limit >> 20} MiB. Pack only what is imported."
            );
        }
    }

    private sealed class Watched(ExpansionMeter meter, Stream content) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = content.Read(buffer, offset, count);
            meter.Count(read);
            return read;
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            var read = await content.ReadAsync(buffer, cancellationToken);
            meter.Count(read);
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                content.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
