using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Alidade.Worker.Processes;
using Alidade.Worker.Protocol;

namespace Alidade.Worker.Attempts;

/// <summary>The files of one attempt; the layout is docs/reference/attempt-folder.md.</summary>
internal sealed class AttemptFolder(string path)
{
    /// <summary>What <c>attempt.json</c> is called once no supervisor may begin any more.</summary>
    public const string WithdrawnName = "attempt.json.withdrawn";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Path { get; } = path;

    public string Events => In("events");

    private string AttemptPath => In("attempt.json");

    private string Withdrawn => In(WithdrawnName);

    private string ExitPath => In("exit.json");

    private string AcknowledgedPath => In("acknowledged");

    public static AttemptFolder Of(string root, long attempt) =>
        new(System.IO.Path.Combine(root, attempt.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    public string In(string relative) => System.IO.Path.Combine(Path, relative);

    public void Create(SpareFolders spare)
    {
        // A folder that is here already was never presented to the server, so nobody waits for what it holds.
        Delete();
        if (spare.TryTake(Path))
        {
            return;
        }

        Directory.CreateDirectory(Path, OwnerOnly);
        foreach (var name in (string[])["plugins", "inputs", "work", "outputs", "tmp", "events"])
        {
            Directory.CreateDirectory(In(name));
        }
    }

    public void WritePlan(string plan) => File.WriteAllText(In("plan.json"), plan, new UTF8Encoding(false));

    public void Write(AttemptFile file) => Replace(AttemptPath, file, WorkerJson.Default.AttemptFile);

    public void Write(ExitFile file) => Replace(ExitPath, file, WorkerJson.Default.ExitFile);

    public AttemptFile? ReadAttempt() =>
        Read(AttemptPath, WorkerJson.Default.AttemptFile) ?? Read(Withdrawn, WorkerJson.Default.AttemptFile);

    /// <summary>
    /// Takes away what a supervisor reads right after it has named itself: one that is not named now cannot begin any
    /// more, however late it wakes.
    /// </summary>
    /// <returns>The supervisor, if one was named before; then the folder is as it was.</returns>
    public SupervisorFile? Withdraw()
    {
        if (File.Exists(AttemptPath))
        {
            File.Move(AttemptPath, Withdrawn);
        }

        var supervisor = ReadSupervisor();
        if (supervisor is not null)
        {
            File.Move(Withdrawn, AttemptPath);
        }

        return supervisor;
    }

    public SupervisorFile? ReadSupervisor() => Read(In("supervisor.json"), WorkerJson.Default.SupervisorFile);

    public ExitFile? ReadExit() => Read(ExitPath, WorkerJson.Default.ExitFile);

    public bool HasExit => File.Exists(ExitPath);

    /// <summary>The number up to which the server has the events; 0 when that is not known.</summary>
    public long ReadAcknowledged() =>
        File.Exists(AcknowledgedPath) && long.TryParse(File.ReadAllText(AcknowledgedPath), out var number) ? number : 0;

    /// <summary>Need not be durable: an older number only means that some events are sent once more.</summary>
    public void WriteAcknowledged(long number) =>
        File.WriteAllText(AcknowledgedPath, number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public void Delete()
    {
        if (!Directory.Exists(Path))
        {
            return;
        }

        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Removal.Remove(Path);
        }
    }

    private static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // Written to a temporary name first, so a file that does not parse is one that a crash of the machine
            // left behind, and as good as none.
            return null;
        }
    }

    private static void Replace<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var temporary = path + ".new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(value, type));
        File.Move(temporary, path, overwrite: true);
    }
}
