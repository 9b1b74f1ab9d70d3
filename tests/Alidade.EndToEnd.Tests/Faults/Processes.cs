using System.Text.Json;

namespace Alidade.EndToEnd.Tests.Faults;

/// <summary>Finds the processes of the one running attempt, as /proc shows them.</summary>
internal static class Processes
{
    /// <summary>The supervisor, as its attempt folder names it.</summary>
    public static int Supervisor(string data)
    {
        var file = Assert.Single(Directory.GetFiles(data, "supervisor.json", SearchOption.AllDirectories));
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        return json.RootElement.GetProperty("pid").GetInt32();
    }

    /// <summary>The job's first process.</summary>
    public static int JobOf(int supervisor) => Assert.Single(Children(supervisor));

    public static int TemplateOf(int server) =>
        Assert.Single(
            Children(server),
            child => File.ReadAllText($"/proc/{child}/cmdline").Contains("template.py", StringComparison.Ordinal)
        );

    /// <summary>Neither gone nor a zombie.</summary>
    public static bool Lives(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Nothing for a process that is gone.</summary>
    public static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <inheritdoc cref="CommandLine"/>
    public static IReadOnlyList<int> TryChildren(int process)
    {
        try
        {
            return Children(process);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static List<int> Children(int parent) =>
        [
            .. Directory
                .GetDirectories($"/proc/{parent}/task")
                .SelectMany(thread =>
                    File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                )
                .Select(int.Parse),
        ];
}
