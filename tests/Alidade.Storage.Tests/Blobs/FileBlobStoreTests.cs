using System.Security.Cryptography;
using Alidade.Storage.Blobs;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Blobs;

public sealed class FileBlobStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Content_comes_back_whole_or_in_ranges_under_its_digest()
    {
        var store = new FileBlobStore(_folder.Sub("blobs"));
        var bytes = RandomNumberGenerator.GetBytes(700_001);
        var blob = await store.PutAsync(new MemoryStream(bytes), null, default);
        Assert.Equal((Convert.ToHexStringLower(SHA256.HashData(bytes)), 700_001), (blob.Sha256, blob.Size));

        await using var stream = (await new FileBlobStore(_folder.Sub("blobs")).OpenAsync(blob.Sha256, default))!;
        Assert.Equal(700_001, stream.Length);
        stream.Seek(400_000, SeekOrigin.Begin);
        var part = new byte[1000];
        await stream.ReadExactlyAsync(part);
        Assert.Equal(bytes[400_000..401_000], part);
    }

    [Fact]
    public async Task Content_with_another_digest_is_refused_and_leaves_nothing()
    {
        var store = new FileBlobStore(_folder.Sub("blobs"));
        var wrong = new string('a', 64);
        await Assert.ThrowsAsync<BlobDigestException>(() => store.PutAsync(new MemoryStream([1]), wrong, default));
        await Assert.ThrowsAsync<IOException>(() => store.PutAsync(new BrokenStream(), null, default));
        Assert.Null(await store.OpenAsync(wrong, default));
        Assert.Empty(Directory.EnumerateFiles(_folder.Sub("blobs"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_same_content_from_many_at_once_is_one_blob()
    {
        var store = new FileBlobStore(_folder.Sub("blobs"));
        var blobs = await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(_ => Task.Run(() => store.PutAsync(new MemoryStream([1, 2, 3]), null, default)))
        );
        Assert.Single(blobs.Distinct());
        Assert.Single(Directory.EnumerateFiles(_folder.Sub("blobs"), "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("ZZ")]
    public async Task What_is_no_digest_names_nothing(string name) =>
        Assert.Null(await new FileBlobStore(_folder.Sub("blobs")).OpenAsync(name, default));

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The line broke.");
    }
}
