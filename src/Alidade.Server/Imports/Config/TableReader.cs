using System.Globalization;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Imports.Config;

/// <summary>Everything that is wrong with a manifest, each with its line and the path of its key.</summary>
internal sealed class ConfigProblems
{
    private const int Shown = 20;
    private readonly List<string> _all = [];

    public void Add(Node at, string path, string what) => _all.Add($"line {at.Place.Line}: {path}: {what}");

    /// <exception cref="Platform.Errors.RefusedException">There is a problem.</exception>
    public void ThrowIfAny(string document)
    {
        if (_all.Count > 0)
        {
            var more = _all.Count > Shown ? $"\nand {_all.Count - Shown} more" : "";
            throw ImportFailure.Because($"{document} is not right.\n{string.Join('\n', _all.Take(Shown))}{more}");
        }
    }
}

/// <summary>One table of a manifest. What is wrong is noted, and reading goes on, so that all of it is told at once.</summary>
internal sealed class TableReader(MappingNode table, string path, ConfigProblems problems)
{
    private static readonly RuleAttribute AnyText = new LengthAttribute(0, ImportLimits.Text);

    public string Path => path;

    public MappingNode Table => table;

    /// <summary>A text that must be there; empty where it is not.</summary>
    public string Text(string key, RuleAttribute? rule = null)
    {
        if (table[key] is null)
        {
            problems.Add(table, At(key), "is missing");
        }

        return OptionalText(key, rule) ?? "";
    }

    public string? OptionalText(string key, RuleAttribute? rule = null)
    {
        var found = table[key];
        if (found is null)
        {
            return null;
        }

        if (found is not ScalarNode { Text: { } text })
        {
            problems.Add(found, At(key), "must be a text in quotes");
            return null;
        }

        if ((rule ?? AnyText).Check(text) is { } broken)
        {
            problems.Add(found, At(key), broken);
        }

        return text;
    }

    public bool Flag(string key, bool otherwise)
    {
        if (table[key] is ScalarNode { Value: BooleanValue { Flag: var flag } })
        {
            return flag;
        }

        if (table[key] is { } found)
        {
            problems.Add(found, At(key), "must be true or false");
        }

        return otherwise;
    }

    /// <summary>A text, or a number or flag as the text it stands for.</summary>
    public string? ScalarText(string key)
    {
        switch ((table[key] as ScalarNode)?.Value)
        {
            case StringValue text:
                return text.Text;
            case BooleanValue flag:
                return flag.Flag ? "true" : "false";
            case IntegerValue integer:
                return integer.Number.ToString(CultureInfo.InvariantCulture);
            case FloatValue real:
                return real.Number.ToString("R", CultureInfo.InvariantCulture);
            default:
                if (table[key] is { } found)
                {
                    problems.Add(found, At(key), "must be a text, a number, true or false");
                }

                return null;
        }
    }

    public IReadOnlyList<string> Texts(string key)
    {
        var texts = new List<string>();
        foreach (var (item, at) in Items(key, isRequired: false))
        {
            if (item is ScalarNode { Text: { } text })
            {
                texts.Add(text);
            }
            else
            {
                problems.Add(item, at, "must be a text in quotes");
            }
        }

        return texts;
    }

    public TableReader? Inner(string key)
    {
        if (table[key] is MappingNode inner)
        {
            return new TableReader(inner, At(key), problems);
        }

        if (table[key] is { } found)
        {
            problems.Add(found, At(key), "must be a table");
        }

        return null;
    }

    /// <summary>A list of tables; what is no table is noted and left out.</summary>
    public IReadOnlyList<T> Tables<T>(string key, Func<TableReader, T> read, bool isRequired = false)
    {
        var tables = new List<T>();
        foreach (var (item, at) in Items(key, isRequired))
        {
            if (item is MappingNode inner)
            {
                tables.Add(read(new TableReader(inner, at, problems)));
            }
            else
            {
                problems.Add(item, at, "must be a table");
            }
        }

        return tables;
    }

    public TableReader AllowOnly(params string[] keys)
    {
        foreach (var entry in table.Entries.Where(entry => !keys.Contains(entry.Key.Text)))
        {
            problems.Add(entry.Key, At(entry.Key.Text!), $"is no key; there is {string.Join(", ", keys)}");
        }

        return this;
    }

    /// <summary>Notes each name that an earlier item of a list has already.</summary>
    public void RequireDistinct(string list, string key)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (item, at) in Items(list, isRequired: false))
        {
            if (
                item is MappingNode inner
                && inner[key] is ScalarNode { Text: { } name } found
                && !first.TryAdd(name, at)
            )
            {
                problems.Add(found, $"{at}.{key}", $"duplicate of {first[name]}: \"{name}\"");
            }
        }
    }

    public void Problem(string key, string what) => problems.Add(table[key] ?? table, At(key), what);

    private IEnumerable<(Node Item, string At)> Items(string key, bool isRequired)
    {
        switch (table[key])
        {
            case SequenceNode list:
                return list.Items.Select((item, index) => (item, $"{At(key)}[{index}]"));
            case null when isRequired:
                problems.Add(table, At(key), "is missing; write [] for none");
                return [];
            case null:
                return [];
            case { } other:
                problems.Add(other, At(key), "must be a list");
                return [];
        }
    }

    private string At(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
