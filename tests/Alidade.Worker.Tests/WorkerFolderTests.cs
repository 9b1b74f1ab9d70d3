using System.Diagnostics;
using Alidade.Testing;
using Microsoft.Extensions.Logging.Abstractions;

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

    /// <summary>Names that are not UTF-8, as of an old archive, .NET cannot delete.</summary>
    [Fact]
    public void Whatever_user_code_left_is_deleted_and_keeps_no_worker_from_beginning()
    {
        using var root = new TemporaryFolder();
        using var folder = WorkerFolder.Open(root.Sub("worker"));
        var left = Path.Combine(folder.Attempts, "7", "work");
        Directory.CreateDirectory(left);
        var made = Process.Start(
            "/usr/bin/python3",
            ["-c", "import os, sys; open(os.path.join(os.fsencode(sys.argv[1]), b'caf\\xe9.txt'), 'w').close()", left]
        );
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);

        Assert.Empty(folder.Found(TimeProvider.System, NullLogger.Instance));
        Assert.Empty(Directory.GetDirectories(folder.Attempts));
    }
}
