using Spectre.Console;

namespace Alidade.Cli;

/// <summary>Where commands write: colour and wrapping on a terminal, plain whole lines into pipes and files.</summary>
internal static class Consoles
{
    private const int Unwrapped = 10_000;

    /// <summary>What the user asked for.</summary>
    public static readonly IAnsiConsole Out = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>What is said about it.</summary>
    public static readonly IAnsiConsole Error = Create(Console.Error, Console.IsErrorRedirected);

    internal static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
                ColorSystem = isRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
                Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
            }
        );
        if (isRedirected)
        {
            console.Profile.Width = Unwrapped;
        }

        console.Pipeline.Attach(new PrintableText());
        return console;
    }
}
