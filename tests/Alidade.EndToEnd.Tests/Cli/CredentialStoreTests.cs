using Alidade.Cli;
using Alidade.Client;

namespace Alidade.EndToEnd.Tests.Cli;

public sealed class CredentialStoreTests : IDisposable
{
    private readonly string _folder = Path.Combine(
        Directory.CreateTempSubdirectory("alidade-test-").FullName,
        "config"
    );

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public void Keeps_credentials_by_server_for_its_owner_alone()
    {
        var store = new CredentialStore(_folder);
        store.Keep(new Uri("http://127.0.0.1:8420/"), new Credentials("one", null));
        store.Keep(
            new Uri("https://lab.example"),
            new Credentials(null, new Dictionary<string, string> { ["session"] = "two" })
        );

        var later = new CredentialStore(_folder);
        Assert.Equal("one", later.Find(new Uri("http://127.0.0.1:8420"))!.Token);
        Assert.Equal("two", later.Find(new Uri("https://lab.example/any"))!.Cookies!["session"]);
        Assert.Null(later.Find(new Uri("http://127.0.0.1:8421")));
        var file = Assert.Single(Directory.GetFiles(_folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.True(later.Forget(new Uri("http://127.0.0.1:8420")));
        Assert.Null(new CredentialStore(_folder).Find(new Uri("http://127.0.0.1:8420")));
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "credentials.json"), "{");

        var problem = Assert.Throws<CommandException>(() =>
            new CredentialStore(_folder).Find(new Uri("http://127.0.0.1:8420"))
        );

        Assert.Contains("credentials.json is damaged", problem.Message);
    }
}
