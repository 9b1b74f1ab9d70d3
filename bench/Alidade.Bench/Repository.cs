namespace Alidade.Bench;

/// <summary>Where things are: the bench measures the program that `./run build` made in <c>out/</c>.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The program to measure; <c>ALIDADE_BENCH_PROGRAM</c> names another build, to compare two.</summary>
    public static string Program =>
        Environment.GetEnvironmentVariable("ALIDADE_BENCH_PROGRAM") ?? Path.Combine(Root, "out", "alidade");

    public const string Python = "/usr/bin/python3";

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "alidade.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The bench runs inside the repository: it measures the build in out/.");
    }
}
