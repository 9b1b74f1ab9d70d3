using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Environments;

/// <summary>A template of a made environment, started at once and again whenever it ends.</summary>
internal sealed class EnvironmentTemplate : IAsyncDisposable
{
    private readonly string _python;
    private readonly IReadOnlyList<string> _preloads;
    private readonly CancellationTokenSource _stop = new();
    private readonly Template _template;
    private readonly Task _keeping;

    public EnvironmentTemplate(
        WorkerOptions options,
        string python,
        IReadOnlyList<string> preloads,
        string name,
        Backoff backoff,
        TimeProvider time,
        ILogger log
    )
    {
        (_python, _preloads) = (python, preloads);
        _template = new Template(options, python, name, backoff, time, log, preloads);
        Started = StartAsync();
        _keeping = KeepAsync();
    }

    /// <summary>The template once it can fork; faulted with a <see cref="TemplateException"/> when it cannot be had.</summary>
    public Task<Template> Started { get; }

    public bool Is(string python, IReadOnlyList<string> preloads) =>
        _python == python && _preloads.SequenceEqual(preloads);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        await _template.DisposeAsync();
        _stop.Dispose();
    }

    private async Task<Template> StartAsync()
    {
        await _template.StartAsync(_stop.Token);
        return _template;
    }

    private async Task KeepAsync()
    {
        try
        {
            await Started;
            await _template.KeepAsync(_stop.Token);
        }
        catch (Exception e) when (e is TemplateException or OperationCanceledException)
        {
            // Who asks for the template hears why there is none; or it is not wanted any more.
        }
    }
}
