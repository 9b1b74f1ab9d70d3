using Alidade.Worker.Tests.Fakes;

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
                "Server",
                "Token",
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
    public void The_defaults_are_fine() =>
        Assert.Empty(WorkerOptionsValidator.Errors(AgentProcess.Options("http://127.0.0.1:1", "/tmp/x")));
}
