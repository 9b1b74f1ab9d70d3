using System.Net;
using System.Net.Sockets;
using System.Text;
using Alidade.Server.Configuration;
using Alidade.Server.Imports.Git;
using Alidade.Server.Imports.Sources;
using Alidade.Server.Platform.Errors;
using Alidade.Testing;

namespace Alidade.Server.Tests.Imports;

/// <summary>Git asks the addresses that were looked at, whatever the name leads to a moment later.</summary>
public sealed class HostPinTests
{
    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://repositories.example:{0}/x.git", "Host: repositories.example:{0}")]
    [InlineData("http://Repositories.Example:{0}/x.git", "Host: repositories.example:{0}")]
    [InlineData("git://repositories.example:{0}/x.git", "host=repositories.example:{0}")]
    public async Task A_name_that_nobody_knows_is_asked_for_where_it_was_found(string address, string asked)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var url = GitUrl.Parse(string.Format(null, address, port), new ImportOptions());
        var words = string.Format(null, asked, port);
        var heard = HearAsync(listener, words);
        using var folder = new TemporaryFolder();
        var pin = HostPin.To(url, [IPAddress.Loopback]);
        var git = new GitProcess(folder.Path, url.Protocols, pin);

        await Assert.ThrowsAsync<GitFailedException>(() => git.RunAsync(["ls-remote", "--", pin.Address], Limit));

        Assert.Contains(words, await heard, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("git")]
    public async Task A_name_that_leads_to_the_server_only_after_it_was_looked_at_does_not_reach_it(string scheme)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var tree = new SourceTree();
        // The system would say that it is this machine.
        var hosts = new OwnHosts((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Broadcast]));
        var git = new GitSource(new ImportOptions(), hosts, TimeProvider.System);
        var url = $"{scheme}://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/x.git";

        var refused = await Assert.ThrowsAsync<RefusedException>(() => git.ReadAsync(tree, url, Limit));

        Assert.Contains("git could not fetch", refused.Message, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_name_without_addresses_is_not_looked_for_by_git()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var tree = new SourceTree();
        var hosts = new OwnHosts((_, _) => throw new SocketException((int)SocketError.HostNotFound));
        var git = new GitSource(new ImportOptions(), hosts, TimeProvider.System);
        var url = $"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/x.git";

        var refused = await Assert.ThrowsAsync<RefusedException>(() => git.ReadAsync(tree, url, Limit));

        Assert.EndsWith("This server knows no address of localhost.", refused.Message, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    [Theory]
    [InlineData("git@example.org:a/b.git", "-oHostKeyAlias=example.org")]
    [InlineData("ssh://git@example.org:2222/a/b.git", "-oHostKeyAlias=[example.org]:2222")]
    public void Ssh_connects_to_the_address_and_knows_the_key_by_the_name(string address, string alias)
    {
        var url = GitUrl.Parse(address, new ImportOptions());

        var pin = HostPin.To(url, [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::1")]);

        Assert.Equal(["-oHostName=192.0.2.7", alias], pin.Ssh);
        Assert.Equal(url.Address, pin.Address);
    }

    [Fact]
    public void Http_may_try_every_address_that_was_found()
    {
        var url = GitUrl.Parse("https://bücher.example/a/b.git", new ImportOptions());

        var pin = HostPin.To(url, [IPAddress.Parse("2001:db8::1"), IPAddress.Parse("192.0.2.7")]);

        Assert.Equal(["http.curloptResolve=xn--bcher-kva.example:443:[2001:db8::1],192.0.2.7"], pin.Settings);
        Assert.Equal("https://xn--bcher-kva.example/a/b.git", pin.Address);
    }

    /// <summary>What one client says, as far as the first piece goes.</summary>
    /// <summary>What is asked, as far as the words waited for: git may send them in pieces.</summary>
    private static async Task<string> HearAsync(TcpListener listener, string words)
    {
        using var client = await listener.AcceptTcpClientAsync(Limit);
        var bytes = new byte[4096];
        var heard = "";
        while (!heard.Contains(words, StringComparison.Ordinal))
        {
            var read = await client.GetStream().ReadAsync(bytes, Limit);
            if (read == 0)
            {
                break;
            }

            heard += Encoding.ASCII.GetString(bytes, 0, read);
        }

        return heard;
    }
}
