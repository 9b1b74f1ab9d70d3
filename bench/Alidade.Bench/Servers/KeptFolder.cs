namespace Alidade.Bench.Servers;

/// <summary>
/// A data folder that outlives the bench, so that what takes minutes to fill is filled once: ALIDADE_BENCH_KEEP names
/// where, and ALIDADE_BENCH_POSTGRES the database that belongs to it.
/// </summary>
internal sealed class KeptFolder
{
    private readonly string _folder;

    private KeptFolder(string folder) => _folder = folder;

    public static string? Postgres => Environment.GetEnvironmentVariable("ALIDADE_BENCH_POSTGRES");

    public string Data => Path.Combine(_folder, "data");

    public bool IsFilled => File.Exists(PasswordFile);

    /// <summary>Of the user in it; null until it is filled.</summary>
    public string? Password => IsFilled ? File.ReadAllText(PasswordFile) : null;

    /// <summary>Written when everything else is there: a run that was broken off is begun again.</summary>
    private string PasswordFile => Path.Combine(_folder, "password");

    /// <param name="name">What is kept in it.</param>
    /// <returns>Null where nothing is to be kept.</returns>
    public static KeptFolder? Of(string name) =>
        Environment.GetEnvironmentVariable("ALIDADE_BENCH_KEEP") is { Length: > 0 } root
            ? Prepare(Path.Combine(root, name))
            : null;

    public void SetFilled(string password) => File.WriteAllText(PasswordFile, password);

    private static KeptFolder Prepare(string path)
    {
        var folder = new KeptFolder(path);
        if (!folder.IsFilled && Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        Directory.CreateDirectory(path);
        return folder;
    }
}
