using System.Globalization;
using Alidade.Cli;
using Alidade.Client;

namespace Alidade.Functions;

/// <summary>The values of <c>--artifact NAME=ID[@SNAPSHOT]</c>.</summary>
internal static class ArtifactValues
{
    public const string Form = "NAME=ID[@SNAPSHOT]";

    /// <returns>Null for none: entrypoints without artifact parameters are the rule.</returns>
    /// <exception cref="CommandException">One is not of that form, or is given twice.</exception>
    public static async Task<IReadOnlyDictionary<string, ArtifactValue>?> ReadAsync(
        AlidadeClient client,
        IReadOnlyList<string> flags,
        CancellationToken cancellation
    )
    {
        var values = new Dictionary<string, ArtifactValue>();
        foreach (var flag in flags)
        {
            var (name, id, snapshot) = Split(flag);
            // A job is pinned to a snapshot, so that what it was given can be told later.
            var pinned = snapshot ?? (await client.Artifacts.GetAsync(id, cancellation)).Snapshot;
            if (!values.TryAdd(name, new ArtifactValue(id, pinned)))
            {
                throw new CommandException($"--artifact {flag}: {name} is given twice.");
            }
        }

        return values.Count == 0 ? null : values;
    }

    private static (string Name, long Id, long? Snapshot) Split(string flag)
    {
        var at = flag.LastIndexOf('=');
        var numbers = flag[(at + 1)..].Split('@');
        return at > 0 && numbers.Length <= 2 && numbers.All(IsNumber)
            ? (flag[..at], Number(numbers[0]), numbers.Length == 2 ? Number(numbers[1]) : null)
            : throw new CommandException(
                $"--artifact {flag}: write it as {Form}. GET /api/v1/jobs/JOB names the artifacts of a job."
            );
    }

    private static bool IsNumber(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
