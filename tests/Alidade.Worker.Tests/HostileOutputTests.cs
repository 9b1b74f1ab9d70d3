using Alidade.Worker.Processes;

namespace Alidade.Worker.Tests;

/// <summary>A job may put anything into its folders; the agent takes from there only what really lies there.</summary>
public sealed class HostileOutputTests : IDisposable
{
    private readonly DirectoryInfo _top = Directory.CreateTempSubdirectory("alidade-outputs-");

    [Fact]
    public void No_link_and_no_path_leads_out_of_the_folder()
    {
        var attempt = _top.CreateSubdirectory("attempt");
        var outputs = attempt.CreateSubdirectory("outputs");
        File.WriteAllText(Path.Combine(_top.FullName, "secret"), "secret");
        File.WriteAllText(Path.Combine(outputs.FullName, "good"), "good");
        Link("file", Path.Combine(_top.FullName, "secret"));
        Link("relative", "../../secret");
        Link("folder", _top.FullName);
        Link("inside", "good");

        using (var good = Native.OpenBeneath(attempt.FullName, "outputs/good"))
        {
            Assert.Equal(4, RandomAccess.GetLength(good));
        }

        string[] paths =
        [
            "outputs/file",
            "outputs/relative",
            "outputs/folder/secret",
            "outputs/inside",
            "../secret",
            "outputs/../../secret",
            Path.Combine(_top.FullName, "secret"),
            "outputs/gone",
        ];
        foreach (var path in paths)
        {
            Assert.ThrowsAny<IOException>(() => Native.OpenBeneath(attempt.FullName, path).Dispose());
        }

        void Link(string name, string to) => File.CreateSymbolicLink(Path.Combine(outputs.FullName, name), to);
    }

    public void Dispose() => _top.Delete(recursive: true);
}
