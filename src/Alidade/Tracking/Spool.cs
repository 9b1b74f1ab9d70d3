using System.Globalization;
using System.Text.Json;
using Alidade.Cli;
using Alidade.Client;

namespace Alidade.Tracking;

/// <summary>
/// A tracked run as files, until the server has it: <c>run.json</c>, numbered batches of lines in <c>log/</c>, files in
/// <c>files/</c>, what MLflow wrote without a server in <c>mlruns/</c>, and <c>end.json</c>. Everything is written here
/// first, so that the command never waits for the server and nothing is lost when that is away.
/// </summary>
internal sealed class Spool : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly FileStream _lock;

    private Spool(string folder, FileStream held)
    {
        Folder = folder;
        _lock = held;
    }

    public string Folder { get; }

    public string Files => Path.Combine(Folder, "files");

    public string Mlruns => Path.Combine(Folder, "mlruns");

    private string Log => Path.Combine(Folder, "log");

    /// <summary>Where the spools of this user are: <c>$XDG_STATE_HOME/alidade/track</c>, or below <c>~/.local/state</c>.</summary>
    public static string Home()
    {
        var home = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        var state = string.IsNullOrEmpty(home)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state")
            : home;
        return Path.Combine(state, "alidade", "track");
    }

    public static Spool Create(string home, RunRecord run)
    {
        var folder = Path.Combine(home, run.Id);
        PrivateFile.CreateFolder(folder);
        Directory.CreateDirectory(Path.Combine(folder, "log"));
        Directory.CreateDirectory(Path.Combine(folder, "files"));
        var spool = new Spool(folder, Hold(folder));
        spool.Save(run);
        return spool;
    }

    /// <summary>The spools in a folder that nobody is writing or sending, oldest first.</summary>
    public static IEnumerable<Spool> Open(string home)
    {
        if (!Directory.Exists(home))
        {
            yield break;
        }

        foreach (var folder in Directory.GetDirectories(home).OrderBy(Directory.GetCreationTimeUtc))
        {
            Spool spool;
            try
            {
                spool = new Spool(folder, Hold(folder));
            }
            catch (IOException)
            {
                continue;
            }

            yield return spool;
        }
    }

    public RunRecord? Run() => Read<RunRecord>("run.json");

    public RunEnd? End() => Read<RunEnd>("end.json");

    public void Save(RunRecord run) => Write("run.json", run);

    public void Save(RunEnd end) => Write("end.json", end);

    public void SaveBatch(long number, IReadOnlyList<RunLine> lines) =>
        Write(Path.Combine("log", number.ToString("D8", CultureInfo.InvariantCulture) + ".json"), lines);

    /// <summary>The batches that are still here, by number.</summary>
    public IEnumerable<(long Number, string Path)> Batches() =>
        Directory
            .EnumerateFiles(Log, "*.json")
            .Select(p => (long.Parse(Path.GetFileNameWithoutExtension(p), CultureInfo.InvariantCulture), p))
            .Order();

    public static IReadOnlyList<RunLine> ReadBatch(string path) =>
        JsonSerializer.Deserialize<RunLine[]>(File.ReadAllBytes(path), Json)!;

    /// <summary>Everything is with the server.</summary>
    public void Delete()
    {
        _lock.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Hold(string folder) =>
        new(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private T? Read<T>(string name)
        where T : class
    {
        var path = Path.Combine(Folder, name);
        return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Json) : null;
    }

    /// <summary>Through another name: what has the name is whole.</summary>
    private void Write<T>(string name, T value)
    {
        var path = Path.Combine(Folder, name);
        var temporary = path + ".new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(value, Json));
        File.Move(temporary, path, overwrite: true);
    }
}
