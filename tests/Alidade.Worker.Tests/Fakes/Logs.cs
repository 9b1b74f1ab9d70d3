using Microsoft.Extensions.Logging;

namespace Alidade.Worker.Tests.Fakes;

/// <summary>Where the agents of the tests log to: standard error, warnings and worse.</summary>
internal sealed class Logs : ILogger
{
    public static ILogger ToErrors { get; } = new Logs();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel level) => level >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel level,
        EventId id,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> format
    )
    {
        if (IsEnabled(level))
        {
            Console.Error.WriteLine($"{level}: {format(state, exception)} {exception}");
        }
    }
}
