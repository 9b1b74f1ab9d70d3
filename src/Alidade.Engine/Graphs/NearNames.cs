namespace Alidade.Engine.Graphs;

/// <summary>Helps with names that were mistyped.</summary>
internal static class NearNames
{
    private const int ShownNames = 8;
    private const int ComparedLength = 64;

    /// <summary>The name that was probably meant, else the names there are, else null.</summary>
    public static string? Hint(string name, IEnumerable<string> known)
    {
        var names = known.ToList();
        var limit = Math.Max(1, name.Length / 3);
        var near =
            name.Length <= ComparedLength
                ? names
                    .Where(other => other.Length <= ComparedLength)
                    .Select(other => (other, Distance: Distance(name.ToLowerInvariant(), other.ToLowerInvariant())))
                    .Where(candidate => candidate.Distance <= limit)
                    .OrderBy(candidate => candidate.Distance)
                    .Select(candidate => candidate.other)
                    .FirstOrDefault()
                : null;
        return (near, names.Count) switch
        {
            (not null, _) => $"Did you mean \"{near}\"?",
            (null, 0) => null,
            (null, <= ShownNames) => $"There is: {string.Join(", ", names)}.",
            _ => $"There is: {string.Join(", ", names.Take(ShownNames))} and {names.Count - ShownNames} more.",
        };
    }

    /// <summary>Names that need each other, as <c>a → b → a</c>.</summary>
    public static string Chain(IReadOnlyList<string> cycle) => string.Join(" → ", cycle.Append(cycle[0]));

    /// <summary>Letters to change, add, leave out or swap with their neighbour.</summary>
    private static int Distance(string one, string other)
    {
        var table = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    table[i, j] = i + j;
                    continue;
                }
                var change = one[i - 1] == other[j - 1] ? 0 : 1;
                var best = Math.Min(table[i - 1, j - 1] + change, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                var swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
                table[i, j] = swapped ? Math.Min(best, table[i - 2, j - 2] + 1) : best;
            }
        }
        return table[one.Length, other.Length];
    }
}
