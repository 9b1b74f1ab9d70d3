using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Alidade.Bench.Servers;

/// <summary>A server as a child process on a free port; disposing it ends this process and no other.</summary>
internal sealed partial class ChildServer : IAsyncDisposable
{
    private const int Terminate = 15;

    /// <summary>Linux counts in hundredths of a second towards programs, whatever it does inside.</summary>
    private const double MillisecondsInTick = 10;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _said;

    private ChildServer(Process process, List<string> said, Uri address) =>
        (_process, _said, Address) = (process, said, address);

    public Uri Address { get; }

    /// <summary>Resident memory in MiB.</summary>
    public double Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / (double)(1 << 20);
        }
    }

    /// <summary>Processor time the process itself has used, in milliseconds; its children count for themselves.</summary>
    public double ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    /// <summary>The same of its children and of all that they have waited for: templates with their supervisors and jobs.</summary>
    public double ChildrenProcessorTime =>
        Below(
            $"{_process.Id}",
            Directory
                .EnumerateDirectories("/proc")
                .Select(path => (Id: Path.GetFileName(path), Fields: Stat(Path.Combine(path, "stat"))))
                .Where(process => process.Fields.Length > 15)
                .ToLookup(process => process.Fields[1])
        ) * MillisecondsInTick;

    private static double Below(string parent, ILookup<string, (string Id, string[] Fields)> children) =>
        children[parent]
            .Sum(child =>
                child.Fields[11..15].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture))
                + Below(child.Id, children)
            );

    /// <param name="ready">What the line that ends the start contains; the address is its word that starts with http.</param>
    public static async Task<ChildServer> StartAsync(
        string program,
        IEnumerable<string> arguments,
        string ready,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException(Words(program, said)));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildServer(process, said, await address.Task.WaitAsync(StartLimit));

        void Take(string? line)
        {
            lock (said)
            {
                said.Add(line ?? "");
            }

            if (line is not null && line.Contains(ready, StringComparison.Ordinal))
            {
                address.TrySetResult(
                    new Uri(line.Split(' ').First(word => word.StartsWith("http", StringComparison.Ordinal)))
                );
            }
        }
    }

    public bool HasSaid(string words)
    {
        lock (_said)
        {
            return _said.Exists(line => line.Contains(words, StringComparison.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Signal(_process.Id, Terminate);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>The fields from the third on; none when the process is gone, or is no process.</summary>
    private static string[] Stat(string path)
    {
        try
        {
            var stat = File.Exists(path) ? File.ReadAllText(path) : "";
            return stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string Words(string program, List<string> said)
    {
        lock (said)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{program} ended: {string.Join('\n', said)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
