namespace Alidade.Engine.Graphs;

/// <summary>
/// Helps with names that were mistyped. Comparing all with all costs too much when nothing in a huge document fits, so
/// only the first mistakes get a hint.
/// </summary>
internal sealed class NearNames
{
    private const int MaxHints = 100;
    private const int ShownNames = 8;
    private const int ComparedLength = 64;
    private const int ComparedNames = 1000;
    private int _given;

    /// <summary>The name that was probably meant, else the names there are, else null.</summary>
    public string? Hint(string name, IEnumerable<string> known)
    {
        if (++_given > MaxHints)
        {
            return null;
        }
        var names = known.ToList();
        var near = Meant(name, names);
        return (near, names.Count) switch
        {
            (not null, _) => $"Did you mean \"{near}\"?",
            (null, 0) => null,
            (null, <= ShownNames) => $"There is: {string.Join(", ", names)}.",
            _ => $"There is: {string.Join(", ", names.Take(ShownNames))} and {names.Count - ShownNames} more.",
        };
    }

    /// <summary>The name that was probably meant, else null.</summary>
    public static string? Meant(string name, IEnumerable<string> known) =>
        Nearest(name.ToLowerInvariant(), known.Take(ComparedNames));

    private static string? Nearest(string name, IEnumerable<string> names)
    {
        var limit = Math.Max(1, name.Length / 3);
        string? nearest = null;
        foreach (var other in names.Where(other => Math.Abs(other.Length - name.Length) <= limit))
        {
            if (name.Length <= ComparedLength && Distance(name, other.ToLowerInvariant(), limit) is { } distance)
            {
                (nearest, limit) = (other, distance - 1);
            }
        }
        return nearest;
    }

    /// <summary>Letters to change, add, leave out or swap with their neighbour; null when more than allowed.</summary>
    private static int? Distance(string one, string other, int limit)
    {
        var (beforeLast, last, row) = (new int[other.Length + 1], new int[other.Length + 1], new int[other.Length + 1]);
        for (var j = 0; j <= other.Length; j++)
        {
            last[j] = j;
        }
        for (var i = 1; i <= one.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var change = one[i - 1] == other[j - 1] ? 0 : 1;
                row[j] = Math.Min(last[j - 1] + change, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }
            if (row.Min() > limit)
            {
                return null;
            }
            (beforeLast, last, row) = (last, row, beforeLast);
        }
        return last[^1] <= limit ? last[^1] : null;
    }
}
