using System.Runtime.Versioning;
using Alidade.Storage.Platform;
using Alidade.Testing;

namespace Alidade.Storage.Tests.Platform;

/// <summary>Whoever else has an account on the machine sees nothing of the data.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DataFolderTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Everybody =
        Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void It_is_its_owners_alone_also_where_it_was_open_before()
    {
        var made = _folder.Sub("made");
        DataFolder.Open(made).Dispose();
        var old = Open("old");
        File.WriteAllText(Path.Combine(old, "core.db"), "");
        DataFolder.Open(old).Dispose();

        Assert.Equal(Owner, File.GetUnixFileMode(made));
        Assert.Equal(Owner, File.GetUnixFileMode(old));
    }

    [Fact]
    public void What_other_things_live_in_is_not_closed_to_them()
    {
        var shared = Open("shared");
        File.WriteAllText(Path.Combine(shared, "thesis.tex"), "");
        DataFolder.Open(shared).Dispose();

        Assert.Equal(Everybody, File.GetUnixFileMode(shared));
    }

    [Fact]
    public void It_is_held_by_one_at_a_time()
    {
        using var held = DataFolder.Open(_folder.Sub("held"));

        Assert.Throws<DataFolderException>(() => DataFolder.Open(held.Path));
    }

    public void Dispose() => _folder.Dispose();

    private string Open(string name)
    {
        var path = _folder.Sub(name);
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Everybody);
        return path;
    }
}
