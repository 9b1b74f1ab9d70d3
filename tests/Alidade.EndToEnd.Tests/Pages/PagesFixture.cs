using System.Net.Http.Json;
using Alidade.Commands;
using Alidade.Server.Configuration;
using Microsoft.Playwright;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>A real server on a free port and a real browser, shared by the tests of the pages.</summary>
public sealed class PagesFixture : IAsyncLifetime
{
    public const string User = "ada";
    public const string Password = "correct horse battery";

    // Only how long a failure takes to show: a loaded machine may need it.
    private const float PatienceMilliseconds = 90_000;

    private static readonly string[] Flags =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
    ];

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("alidade-pages-");
    private RunningServer _server = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;
    private Cookie _session = null!;

    public Uri Address => _server.Address;

    internal IServiceProvider Services => _server.Services;

    /// <summary>The link that the start of the server offered, used up by now.</summary>
    public string WelcomeLink { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_ENVIRONMENT", "Development");
        var options = new ServerOptions
        {
            Data = _data.FullName,
            Workers = 0,
            Registration = "open",
            Http = new HttpOptions { Port = 0 },
        };
        _server = await RunningServer.StartAsync(options, CancellationToken.None);
        WelcomeLink = _server.WelcomeLink!;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium(), Args = Flags });
        using var handler = new HttpClientHandler();
        using var http = new HttpClient(handler) { BaseAddress = Address };
        var account = new
        {
            username = User,
            email = "ada@example.org",
            password = Password,
            confirmPassword = Password,
        };
        (await http.PostAsJsonAsync("/api/v1/users/", account)).EnsureSuccessStatusCode();
        var known = new { username = User, password = Password };
        (await http.PostAsJsonAsync("/api/v1/auth/login", known)).EnsureSuccessStatusCode();
        var session = handler.CookieContainer.GetCookies(Address).Single();
        _session = new()
        {
            Name = session.Name,
            Value = session.Value,
            Url = Address.ToString(),
        };
    }

    /// <summary>A page with nobody signed in, that fails its test on any script or policy error.</summary>
    internal async Task<WatchedPage> OpenAsync(string theme = "light", int width = 1440, int height = 900)
    {
        var context = await _browser.NewContextAsync(
            new()
            {
                ViewportSize = new() { Width = width, Height = height },
            }
        );
        context.SetDefaultTimeout(PatienceMilliseconds);
        await context.AddCookiesAsync([
            new Cookie
            {
                Name = "theme",
                Value = theme,
                Url = Address.ToString(),
            },
        ]);
        return new WatchedPage(await context.NewPageAsync(), Address);
    }

    /// <summary>A page of somebody who has come in before; the way in has its own tests.</summary>
    internal async Task<WatchedPage> OpenSignedInAsync(string theme = "light", int width = 1440, int height = 900)
    {
        var watched = await OpenAsync(theme, width, height);
        await watched.Page.Context.AddCookiesAsync([_session]);
        return watched;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        await _server.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private static string Chromium() =>
        new[]
        {
            Environment.GetEnvironmentVariable("CHROMIUM"),
            "/usr/bin/chromium",
            "/usr/bin/google-chrome",
        }.FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            "The tests of the pages need Chromium: apt-get install chromium, or set CHROMIUM to its path."
        );
}

[CollectionDefinition(nameof(PagesFixture))]
public sealed class PagesCollection : ICollectionFixture<PagesFixture>;
