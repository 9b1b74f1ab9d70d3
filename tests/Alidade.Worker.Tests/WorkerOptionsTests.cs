using Alidade.Worker.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Alidade.Worker.Tests;

public sealed class WorkerOptionsTests
{
    [Fact]
    public void Every_error_is_reported_at_once_with_its_key()
    {
        var errors = WorkerOptionsValidator.Errors(
            new WorkerOptions
            {
                Server = new Uri("ftp://example.org"),
                Token = "with space",
                Queues = ["q", " "],
                Slots = 0,
                DataFolder = "relative",
                Python = "",
                Preloads = ["numpy; import os"],
                PythonPackage = "/nonexistent",
                HighestLevel = "L0",
                LowestLevel = "L1",
                DrainWait = TimeSpan.FromSeconds(-1),
                BlobCacheBytes = -1,
            }
        );
        Assert.Equal(
            [
                "Token",
                "Server",
                "Queues",
                "Slots",
                "DataFolder",
                "Python",
                "Preloads",
                "PythonPackage",
                "LowestLevel",
                "DrainWait",
                "BlobCacheBytes",
            ],
            errors.Select(error => error.Split(':')[1])
        );
    }

    [Fact]
    public void A_pools_folder_is_shown_where_the_worker_lets_it_and_its_own_word_stands()
    {
        var top = Directory.CreateTempSubdirectory("alidade-options-");
        try
        {
            var root = top.CreateSubdirectory("shared").FullName;
            var inside = Directory.CreateDirectory(Path.Combine(root, "digits")).FullName;
            var outside = top.CreateSubdirectory("private").FullName;
            File.CreateSymbolicLink(Path.Combine(root, "link"), outside);
            var options = new WorkerOptions
            {
                Server = new Uri("http://127.0.0.1:1"),
                Token = "t",
                DataFolder = top.CreateSubdirectory("worker").FullName,
                DataFolders = new Dictionary<string, string> { ["own"] = outside },
                DataRoots = [root],
            };
            var shown = new ShownFolders(options, NullLogger.Instance);
            shown.Take(
                new Dictionary<string, string>
                {
                    ["digits"] = inside,
                    ["own"] = inside,
                    ["private"] = outside,
                    ["link"] = Path.Combine(root, "link"),
                    ["up"] = Path.Combine(root, "..", "private"),
                    ["gone"] = Path.Combine(root, "gone"),
                    ["no name"] = inside,
                }
            );
            Assert.Equal([("digits", inside), ("own", outside)], shown.All.Select(f => (f.Key, f.Value)).Order());

            shown.Take(new Dictionary<string, string>());
            Assert.Equal(["own"], shown.All.Keys);
        }
        finally
        {
            top.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_data_folder_shows_nothing_of_the_workers_own()
    {
        var top = Directory.CreateTempSubdirectory("alidade-options-");
        try
        {
            var own = top.CreateSubdirectory("worker").FullName;
            var link = Path.Combine(top.FullName, "link");
            File.CreateSymbolicLink(link, top.FullName);
            var good = top.CreateSubdirectory("data").FullName;

            Assert.Null(DataFolderCheck.Problem("digits", good, own));
            foreach (var path in (string[])["/", top.FullName, link, own, own + "/../worker"])
            {
                Assert.Contains("the worker's own folder", DataFolderCheck.Problem("digits", path, own)!);
            }

            foreach (var path in (string[])["", "relative", good + "/none"])
            {
                Assert.Contains("no absolute path of a folder", DataFolderCheck.Problem("digits", path, own)!);
            }

            foreach (var name in (string[])["", "..", "a/b", ".hidden", "1st", new string('a', 65), "a\n"])
            {
                Assert.Contains("no name of a data folder", DataFolderCheck.Problem(name, good, own)!);
            }
        }
        finally
        {
            top.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_defaults_are_fine() =>
        Assert.Empty(WorkerOptionsValidator.Errors(AgentProcess.Options("http://127.0.0.1:1", "/tmp/x")));
}
