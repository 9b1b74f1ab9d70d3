using Alidade.Worker.Attempts;

namespace Alidade.Worker.Tests;

public sealed class RelativePathTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    public void A_path_that_could_leave_its_folder_is_refused(string path) =>
        Assert.NotNull(RelativePath.Problem(path));

    [Theory]
    [InlineData("tasks.py")]
    [InlineData("plug/.hidden/größe.py")]
    [InlineData("a..b/...c")]
    public void Others_pass(string path) => Assert.Null(RelativePath.Problem(path));
}
