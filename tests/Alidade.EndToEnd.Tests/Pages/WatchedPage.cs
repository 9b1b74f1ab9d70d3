using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>A page of the browser that remembers every error its scripts or its content policy had.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly List<string> _errors = [];
    private readonly Uri _address;

    public WatchedPage(IPage page, Uri address)
    {
        Page = page;
        _address = address;
        page.PageError += (_, error) => _errors.Add(error);
        page.Console += (_, message) =>
        {
            if (
                message.Type == "error"
                && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)
            )
            {
                _errors.Add(message.Text);
            }
        };
    }

    public IPage Page { get; }

    public IReadOnlyList<string> Errors => _errors;

    public string Url(string path) => new Uri(_address, path).ToString();

    public async Task<IResponse> GoAsync(string path) => (await Page.GotoAsync(Url(path)))!;

    /// <summary>Waits until the page is there that a click leads to.</summary>
    /// <remarks>Not by WaitForURLAsync, which was seen to wait on for a page that was there and idle.</remarks>
    /// <param name="path">Path and query, with * for any text.</param>
    public Task ArrivedAsync(string path) =>
        Page.WaitForFunctionAsync(
            "p => new RegExp(p).test(location.pathname + location.search) && document.readyState === 'complete'",
            "^" + Regex.Escape(path).Replace(@"\*", ".*", StringComparison.Ordinal) + "$"
        );

    /// <summary>For a person to look at, where one asks for it.</summary>
    public Task ShootAsync(string name) =>
        Environment.GetEnvironmentVariable("ALIDADE_SCREENSHOTS") is { Length: > 0 } folder
            ? Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") })
            : Task.CompletedTask;

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
