using System.Globalization;
using Alidade.Client;
using Spectre.Console;

namespace Alidade.Cli;

/// <summary>Log lines for a person: seconds since the first, step, level where it matters, the line.</summary>
internal sealed class LogPrinter(IAnsiConsole console)
{
    private long? _first;

    public void Show(LogLine line)
    {
        _first ??= line.Time;
        var seconds = ((line.Time - _first.Value) / 1e6).ToString("0.000", CultureInfo.InvariantCulture);
        var step = line.Step is { } name ? $"{name.EscapeMarkup()} " : "";
        // One line each, or a message could make up others.
        var text = PrintableText.Of(line.Message).EscapeMarkup();
        console.MarkupLine($"[grey]{seconds, 8}[/] [blue]{step}[/]{Coloured(line, text)}");
    }

    private static string Coloured(LogLine line, string text) =>
        line.Level switch
        {
            "ERROR" or "CRITICAL" => $"[red]{line.Level} {text}[/]",
            "WARNING" => $"[yellow]{line.Level} {text}[/]",
            "DEBUG" => $"[grey]{text}[/]",
            _ when line.Stream == "system" => $"[grey]{text}[/]",
            _ => text,
        };
}
