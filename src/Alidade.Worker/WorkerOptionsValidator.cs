using Alidade.Engine.Jobs;

namespace Alidade.Worker;

/// <summary>Checks a worker's options and reports everything that is wrong at once, each with its key.</summary>
public static class WorkerOptionsValidator
{
    public static IReadOnlyList<string> Errors(WorkerOptions options) =>
        HasToken(options)
            ? ErrorsBesideToken(options)
            :
            [
                $"Worker:{nameof(options.Token)}: is missing or holds a space or a control character; "
                    + "`alidade worker-token create` makes one, which is given as --token or ALIDADE_TOKEN.",
                .. ErrorsBesideToken(options),
            ];

    /// <summary>Whether there is a token that can be sent.</summary>
    internal static bool HasToken(WorkerOptions options) =>
        options.Token is { Length: > 0 } token && token.All(c => c is > ' ' and < '\x7f');

    internal static IReadOnlyList<string> ErrorsBesideToken(WorkerOptions options)
    {
        var errors = new List<string>();
        void Check(bool right, string key, string message)
        {
            if (!right)
            {
                errors.Add($"Worker:{key}: {message}");
            }
        }

        Check(
            options.Server is { IsAbsoluteUri: true, Scheme: "http" or "https" },
            nameof(options.Server),
            $"'{options.Server}' is no http address; give one like http://127.0.0.1:8420."
        );
        Check(
            options.Queues.Count > 0 && options.Queues.All(queue => !string.IsNullOrWhiteSpace(queue)),
            nameof(options.Queues),
            "name at least one queue; `*` serves all."
        );
        Check(options.Slots >= 1, nameof(options.Slots), $"{options.Slots} is too few; give at least 1.");
        Check(
            options.Labels.All(label => Labeling.IsName(label.Key) && Labeling.IsValue(label.Value)),
            nameof(options.Labels),
            "write NAME=VALUE, each up to 63 letters, digits, '.', '_', '/' or '-', beginning with a letter or digit."
        );
        Check(
            options.Cpu is null or (>= 0 and <= 100_000),
            nameof(options.Cpu),
            "give a number of processors, such as 4."
        );
        Check(options.Memory is null or >= 0, nameof(options.Memory), "give an amount of memory, such as 16GiB.");
        Check(options.Gpus is null or (>= 0 and <= 10_000), nameof(options.Gpus), "give a number of GPUs.");
        Check(
            Path.IsPathRooted(options.DataFolder),
            nameof(options.DataFolder),
            $"'{options.DataFolder}' is no absolute path."
        );
        Check(options.Python.Length > 0, nameof(options.Python), "name an interpreter, such as /usr/bin/python3.");
        Check(
            options.Preloads.All(IsModule),
            nameof(options.Preloads),
            "a module to preload is written like numpy or sklearn.linear_model."
        );
        Check(
            File.Exists(Path.Combine(options.PythonPackage, "_host", "template.py")),
            nameof(options.PythonPackage),
            $"'{options.PythonPackage}' has no _host/template.py; name the folder of the package alidade."
        );
        Check(
            options.Wheels is null || Directory.Exists(options.Wheels),
            nameof(options.Wheels),
            $"'{options.Wheels}' is no folder."
        );
        foreach (var (name, path) in options.DataFolders)
        {
            var problem = DataFolderCheck.Problem(name, path, options.DataFolder);
            Check(problem is null, $"{nameof(options.DataFolders)}:{name}", problem ?? "");
        }

        foreach (var root in options.DataRoots)
        {
            Check(
                Path.IsPathRooted(root) && Directory.Exists(root),
                nameof(options.DataRoots),
                $"'{root}' is no absolute path of a folder that is here."
            );
        }

        CheckLevels(options, Check);
        Check(options.DrainWait >= TimeSpan.Zero, nameof(options.DrainWait), "must not be negative.");
        Check(options.BlobCacheBytes >= 0, nameof(options.BlobCacheBytes), "must not be negative.");
        return errors;
    }

    private static void CheckLevels(WorkerOptions options, Action<bool, string, string> check)
    {
        var known = string.Join(", ", IsolationLevels.All);
        var (highest, lowest) = (IsolationLevels.Rank(options.HighestLevel), IsolationLevels.Rank(options.LowestLevel));
        check(highest >= 0, nameof(options.HighestLevel), $"'{options.HighestLevel}' is none of {known}.");
        check(lowest >= 0, nameof(options.LowestLevel), $"'{options.LowestLevel}' is none of {known}.");
        check(
            highest < 0 || lowest < 0 || highest <= lowest,
            nameof(options.LowestLevel),
            $"'{options.LowestLevel}' is better than the highest level, '{options.HighestLevel}'; exchange them."
        );
    }

    private static bool IsModule(string name) =>
        name.Split('.').All(part => part.Length > 0 && part.All(c => char.IsLetterOrDigit(c) || c == '_'));
}

/// <summary>The options of a worker do not fit; the message lists every error.</summary>
public sealed class WorkerOptionsException(IReadOnlyList<string> errors) : Exception(string.Join('\n', errors))
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
