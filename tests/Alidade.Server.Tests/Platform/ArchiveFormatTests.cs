using Alidade.Server.Platform.Archives;

namespace Alidade.Server.Tests.Platform;

/// <summary>Archives pass through: what was read is sent before much more is read, and no thread waits for the client.</summary>
public sealed class ArchiveFormatTests
{
    private const int FileSize = 4 << 20;
    private const int Files = 16;
    private const int MostHeld = 1 << 20;

    private static readonly DateTimeOffset Made = new(2026, 1, 2, 3, 4, 6, TimeSpan.Zero);

    [Theory]
    [InlineData("tar_gz")]
    [InlineData("zip")]
    public async Task A_big_folder_is_never_held(string fileType)
    {
        var flow = new Flow();
        var files = Enumerable.Range(0, Files).Select(i => Entry(flow, $"part-{i}.bin", i)).ToList();

        await ArchiveFormat.Of(fileType).WriteAsync(files, Made, new Body(flow), CancellationToken.None);

        Assert.Equal((long)Files * FileSize, flow.Read);
        Assert.InRange(flow.MostHeld, 1, MostHeld);
    }

    [Fact]
    public async Task The_same_files_give_the_same_archive()
    {
        foreach (var fileType in new[] { "tar_gz", "zip" })
        {
            ArchiveEntry[] files = [Entry(new Flow(), "a/Ω.bin", 1), Entry(new Flow(), "empty", 2)];
            var (first, second) = (new MemoryStream(), new MemoryStream());

            await ArchiveFormat.Of(fileType).WriteAsync(files, Made, first, CancellationToken.None);
            await ArchiveFormat.Of(fileType).WriteAsync(files, Made, second, CancellationToken.None);

            Assert.Equal(first.ToArray(), second.ToArray());
        }
    }

    private static ArchiveEntry Entry(Flow flow, string path, int seed) =>
        new(path, _ => Task.FromResult<Stream>(new RandomContent(flow, seed)));

    /// <summary>Bytes read of the content and not yet written to the body; the content does not compress.</summary>
    private sealed class Flow
    {
        private long _written;

        public long Read { get; private set; }

        public long MostHeld { get; private set; }

        public void OnRead(int count)
        {
            Read += count;
            MostHeld = Math.Max(MostHeld, Read - _written);
        }

        public void OnWritten(int count) => _written += count;
    }

    /// <summary>As a file: its length is known, and it can only be read forward here.</summary>
    private sealed class RandomContent(Flow flow, int seed) : Stream
    {
        private readonly Random _random = new(seed);

        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => FileSize;
        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var read = (int)Math.Min(buffer.Length, Length - Position);
            _random.NextBytes(buffer[..read]);
            Position += read;
            flow.OnRead(read);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>As the server's: it takes nothing synchronously.</summary>
    private sealed class Body(Flow flow) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            flow.OnWritten(buffer.Length);
            return ValueTask.CompletedTask;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new InvalidOperationException("Synchronous operations are disallowed.");

        public override void Flush() => throw new InvalidOperationException("Synchronous operations are disallowed.");

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
