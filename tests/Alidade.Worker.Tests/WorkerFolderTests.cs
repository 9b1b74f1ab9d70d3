using Alidade.Testing;

namespace Alidade.Worker.Tests;

/// <summary>A folder is itself under every name, and a copy of it is another.</summary>
public sealed class WorkerFolderTests
{
    [Fact]
    public void A_copied_folder_has_the_name_of_the_first_and_another_place()
    {
        using var root = new TemporaryFolder();
        var (first, copy, link) = (root.Sub("first"), root.Sub("copy"), root.Sub("link"));
        using var folder = WorkerFolder.Open(first);
        var (name, place) = (folder.Name(), folder.Place());
        Directory.CreateDirectory(copy);
        File.Copy(Path.Combine(first, "name"), Path.Combine(copy, "name"));
        using var copied = WorkerFolder.Open(copy);

        Assert.Equal(name, copied.Name());
        Assert.Equal(place!.Boot, copied.Place()!.Boot);
        Assert.NotEqual(place, copied.Place());

        folder.Dispose();
        Directory.CreateSymbolicLink(link, first);
        using var again = WorkerFolder.Open(link);
        Assert.Equal(place, again.Place());
    }
}
