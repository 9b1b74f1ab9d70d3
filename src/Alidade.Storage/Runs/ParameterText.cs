using Alidade.Engine.Search;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// The trigram index of the values of parameters on SQLite, which is changed and asked by hand: our connections trust no
/// triggers. PostgreSQL does both by itself.
/// </summary>
public static class ParameterText
{
    /// <summary>NUL ends the text of a query, so it stands for any character here.</summary>
    private static readonly char[] Wildcards = ['%', '_', '\0'];

    /// <summary>
    /// A query that finds all values of a parameter that match, and some others; null for a pattern too short to be found
    /// by trigrams.
    /// </summary>
    /// <param name="pattern">Of LIKE.</param>
    internal static string? Match(string name, string pattern)
    {
        var (ending, trigrams) = (Trigrams.Of(Ending(name).Split('\0')), Trigrams.Of(pattern.Split(Wildcards)));
        return ending.Count > 0 && trigrams.Count > 0
            ? $"name : {Trigrams.Match(ending)} AND value : ({Trigrams.Match(trigrams)})"
            : null;
    }

    /// <summary>After rows were written past <see cref="RunStore"/> into an empty table.</summary>
    public static void AddAll(ITransaction tx) => Change(tx, Addition, new { });

    /// <summary>Before a parameter is written: what the index has of it goes.</summary>
    internal static void Remove(ITransaction tx, string run, string name) =>
        Change(tx, $"{Removal} AND name = @Name", new { Run = run, Name = name });

    /// <summary>Before all parameters of a run are deleted.</summary>
    internal static void Remove(ITransaction tx, string run) => Change(tx, Removal, new { Run = run });

    /// <summary>After a parameter was written.</summary>
    internal static void Add(ITransaction tx, string run, string name) =>
        Change(tx, $"{Addition} WHERE run = @Run AND name = @Name", new { Run = run, Name = name });

    private const string Addition =
        "INSERT INTO run_parameter_text (rowid, name, value) SELECT id, substr('  ' || name, -3), value FROM run_parameter";

    private const string Removal =
        "INSERT INTO run_parameter_text (run_parameter_text, rowid, name, value) "
        + "SELECT 'delete', id, substr('  ' || name, -3), value FROM run_parameter WHERE run = @Run";

    private static void Change(ITransaction tx, string sql, object args)
    {
        if (tx.Dialect == Dialect.Sqlite)
        {
            tx.Execute(sql, args);
        }
    }

    /// <summary>The last three characters of a name, as the index has them.</summary>
    private static string Ending(string name) =>
        string.Concat($"  {name}".EnumerateRunes().TakeLast(3).Select(r => r.ToString()));
}
