using System.Net;
using System.Net.Http.Json;
using Alidade.Server.Configuration;
using Alidade.Server.Tests.Hosting;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>What comes through a proxy on the server's own machine is not of this machine.</summary>
public sealed class ProxyTests
{
    private const string Long = "correct horse battery";

    [Theory]
    [InlineData("127.0.0.1", null, Long, HttpStatusCode.OK)]
    [InlineData("alidade.localhost", null, "short", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "X-Forwarded-For", Long, HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "Forwarded", Long, HttpStatusCode.Forbidden)]
    public async Task The_first_account_is_for_who_sits_here(
        string host,
        string? header,
        string password,
        HttpStatusCode expected
    )
    {
        await using var server = await TestServer.StartAsync(change: o => o with { Registration = "first" });
        Assert.Equal(expected, await RegisterAsync(server, host, header, password));
    }

    [Theory]
    [InlineData("alidade.example.org", Long)]
    [InlineData("127.0.0.1", Long)]
    public async Task Behind_a_proxy_that_is_told_nobody_sits_here(string host, string password)
    {
        await using var server = await TestServer.StartAsync(change: o =>
            o with
            {
                Registration = "first",
                Http = o.Http with { AllowedOrigins = ["https://alidade.example.org"] },
            }
        );
        Assert.Equal(HttpStatusCode.Forbidden, await RegisterAsync(server, host, null, password));
        using var page = await server.NewClient().GetAsync(new Uri("/register", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
    }

    [Fact]
    public void Tracking_is_never_anonymous_there() =>
        Assert.Contains(
            "anonymous is only possible on loopback, not behind a proxy",
            Assert
                .Throws<OptionsException>(() =>
                    new OptionsReader()
                        .AddEnvironment(
                            new Dictionary<string, string>
                            {
                                ["ALIDADE__TRACKING"] = "anonymous",
                                ["ALIDADE__HTTP__TRUSTEDPROXIES"] = "10.0.0.1",
                            }
                        )
                        .Read()
                )
                .Message,
            StringComparison.Ordinal
        );

    private static async Task<HttpStatusCode> RegisterAsync(
        TestServer server,
        string host,
        string? header,
        string password
    )
    {
        using var http = server.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/users/")
        {
            Content = JsonContent.Create(
                new
                {
                    username = "mallory",
                    email = "m@example.org",
                    password,
                    confirmPassword = password,
                }
            ),
        };
        request.Headers.Host = $"{host}:{server.Address.Port}";
        if (header is not null)
        {
            request.Headers.Add(header, "for=203.0.113.9");
        }

        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
