using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Alidade.Worker.Attempts;
using Alidade.Worker.Processes;

namespace Alidade.Worker.Environments;

/// <summary>
/// What a job asks to find: the files <c>requirements.txt</c> of its plugins, one after the other, and what their
/// comments <c># python:</c> and <c># preload:</c> say. Equal packages under an equal interpreter are the same
/// environment.
/// </summary>
/// <param name="Packages">Lines for pip; empty for what is installed already.</param>
/// <param name="Python">Version of the interpreter, such as <c>3.12</c>; null for the worker's own.</param>
/// <param name="Preloads">Modules to be imported ahead.</param>
internal sealed partial record EnvironmentLock(string Packages, string? Python, IReadOnlyList<string> Preloads)
{
    private const string FileName = "requirements.txt";

    /// <returns>Null when none of the plugins asks for anything.</returns>
    /// <exception cref="EnvironmentException">A file asks for what no lock may ask for, or two for different interpreters.</exception>
    public static EnvironmentLock? Of(AttemptFolder folder)
    {
        var plugins = new DirectoryInfo(folder.In("plugins"));
        var locks = plugins
            .EnumerateDirectories()
            .OrderBy(plugin => plugin.Name, StringComparer.Ordinal)
            .Select(plugin => (plugin.Name, Path: Path.Combine(plugin.FullName, FileName)))
            .Where(file => File.Exists(file.Path))
            .Select(file => Parse($"{file.Name}/{FileName}", File.ReadAllText(file.Path)))
            .ToList();
        var pythons = locks.Select(wanted => wanted.Python).OfType<string>().Distinct().ToList();
        if (pythons.Count > 1)
        {
            throw new EnvironmentException(
                $"Its plugins ask for different interpreters: Python {string.Join(" and ", pythons)}."
            );
        }

        var packages = locks.Select(wanted => wanted.Packages).Where(text => text.Length > 0).Distinct();
        var preloads = locks.SelectMany(wanted => wanted.Preloads).Distinct().ToList();
        var all = new EnvironmentLock(string.Join('\n', packages), pythons.SingleOrDefault(), preloads);
        return all is { Packages: "", Python: null, Preloads.Count: 0 } ? null : all;
    }

    /// <param name="name">Of the file, for messages.</param>
    public static EnvironmentLock Parse(string name, string text)
    {
        string? python = null;
        var preloads = new List<string>();
        var packages = new List<string>();
        foreach (var line in Continued().Replace(text, " ").Split('\n', StringSplitOptions.TrimEntries))
        {
            if (Directive().Match(line) is { Success: true } said)
            {
                var value = said.Groups["value"].Value;
                python = said.Groups["name"].Value == "python" ? Version(name, value) : python;
                preloads.AddRange(said.Groups["name"].Value == "preload" ? Modules(name, value) : []);
            }
            else if (Comment().Replace(line, "") is { Length: > 0 } asked)
            {
                packages.Add(Package(name, asked));
            }
        }

        return new EnvironmentLock(string.Join('\n', packages), python, preloads);
    }

    /// <param name="interpreter">The interpreter and its version.</param>
    public string Digest(string interpreter) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"3\n{interpreter}\n{Packages}")));

    private static string Version(string name, string value) =>
        VersionNumber().IsMatch(value)
            ? value
            : throw new EnvironmentException($"{name}: '# python: {value}' is no version like 3.12.");

    private static string[] Modules(string name, string value)
    {
        var modules = value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        return Array.Find(modules, module => !ModuleName().IsMatch(module)) is { } wrong
            ? throw new EnvironmentException(
                $"{name}: '{wrong}' in '# preload:' is no module like sklearn.linear_model."
            )
            : modules;
    }

    /// <summary>
    /// pip would follow options, addresses and paths, as the agent, and show what it found there: a lock is only names.
    /// </summary>
    private static string Package(string name, string line) =>
        Locked().IsMatch(line)
            ? line
            : throw new EnvironmentException(
                $"{name}: '{(line.Length <= 200 ? line : line[..200] + " …")}' is no locked package. Write NAME==VERSION "
                    + "--hash=sha256:DIGEST, as pip-compile --generate-hashes does; options, addresses and paths are "
                    + "not taken."
            );

    [GeneratedRegex(@"\\\r?\n", RegexOptions.CultureInvariant)]
    private static partial Regex Continued();

    [GeneratedRegex(@"^#\s*(?<name>python|preload)\s*:\s*(?<value>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Directive();

    [GeneratedRegex(@"(^|\s+)#.*$", RegexOptions.CultureInvariant)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^3\.\d{1,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionNumber();

    [GeneratedRegex(@"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ModuleName();

    [GeneratedRegex(
        @"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9 ,._-]*\])?\s*==\s*[A-Za-z0-9.!+_-]+(\s*;[^#@\\]*?)?(\s+--hash=sha(256|384|512):[0-9a-f]{64,128})*\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Locked();
}

/// <summary>What a job is started with.</summary>
/// <param name="Python">An interpreter; null for the worker's own.</param>
/// <param name="Made">What was installed, if its plugins asked for packages: these are as foreign as the plugins.</param>
/// <param name="Preloads">Beside those of the worker.</param>
/// <param name="IsCold">Not to be run by a template.</param>
internal sealed record PreparedEnvironment(
    string? Python,
    MadeEnvironment? Made,
    IReadOnlyList<string> Preloads,
    bool IsCold = false
)
{
    public static readonly PreparedEnvironment Own = new(null, null, []);

    public bool IsMade => Made is not null;

    public InterpreterFile? Interpreter => Made is null ? null : new(Python!, Made.Python, Made.Part.Digest);

    public IReadOnlyList<RecordPart> Parts => Made is null ? [] : [Made.Part];
}

/// <summary>The file <c>ready</c> of an environment, written when it is whole.</summary>
/// <param name="Python">Version of its interpreter.</param>
/// <param name="Part">What it holds, for the record.</param>
internal sealed record MadeEnvironment(string Python, RecordPart Part);
