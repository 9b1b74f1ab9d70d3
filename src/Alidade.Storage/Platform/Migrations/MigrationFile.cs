using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Alidade.Storage.Platform.Migrations;

/// <summary>A numbered SQL file, written once for both databases.</summary>
internal sealed record MigrationFile(string Name, string Text)
{
    /// <summary>The files of one store in the order of their numbers.</summary>
    public static IReadOnlyList<MigrationFile> Of(string store)
    {
        var assembly = typeof(MigrationFile).Assembly;
        var prefix = $"Alidade.Storage.Migrations.{store}.";
        return
        [
            .. assembly
                .GetManifestResourceNames()
                .Where(n => n.StartsWith(prefix, StringComparison.Ordinal))
                .Select(n => new MigrationFile(n[prefix.Length..^".sql".Length], Read(assembly, n)))
                .OrderBy(f => f.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>SHA-256 of the text: a file that was applied must never change.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <summary>
    /// The statements for one dialect: <c>{id}</c>, <c>{autoid}</c> and <c>{blob}</c> replaced, and only the blocks
    /// <c>-- only sqlite</c> or <c>-- only postgres</c> up to <c>-- end</c> that belong to it.
    /// </summary>
    public string For(Dialect dialect)
    {
        var sqlite = dialect == Dialect.Sqlite;
        var kept = new StringBuilder();
        var skipping = false;
        foreach (var line in Text.Split('\n'))
        {
            switch (line.Trim())
            {
                case "-- only sqlite":
                    skipping = !sqlite;
                    break;
                case "-- only postgres":
                    skipping = sqlite;
                    break;
                case "-- end":
                    skipping = false;
                    break;
                default:
                    if (!skipping)
                    {
                        kept.Append(line).Append('\n');
                    }

                    break;
            }
        }

        return kept.Replace("{id}", sqlite ? "INTEGER PRIMARY KEY" : "BIGINT PRIMARY KEY")
            .Replace(
                "{autoid}",
                sqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
            )
            .Replace("{blob}", sqlite ? "BLOB" : "BYTEA")
            .ToString();
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
