using Alidade.Storage.Metrics;
using Alidade.Storage.Platform;

namespace Alidade.Storage.Runs;

/// <summary>
/// What must hold of a run, alias <c>r</c>, as SQL. Last values of metrics lie in the other database; a read session of core
/// sees both.
/// </summary>
internal sealed class RunConditions(Conditions where)
{
    internal static readonly long NaN = OrderedDouble.ToLong(double.NaN);

    /// <summary>A condition on a row that is at hand.</summary>
    /// <param name="run">The id of the run: of the table that is read first, so that what does not match is not joined.</param>
    public string Check(RunPredicate predicate, string run) =>
        predicate switch
        {
            RunAll { Parts.Count: 0 } => "1 = 1",
            RunAny { Parts.Count: 0 } => "1 = 0",
            RunAll all => $"({string.Join(" AND ", all.Parts.Select(p => Check(p, run)))})",
            RunAny any => $"({string.Join(" OR ", any.Parts.Select(p => Check(p, run)))})",
            RunNot not => $"NOT COALESCE({Check(not.Part, run)}, FALSE)",
            RunCondition { Field: RunField.Attribute } attribute => Attribute(attribute),
            RunCondition { Comparator: "IS NULL" } without =>
                $"NOT COALESCE({Exists(without with { Comparator = "IS NOT NULL" }, run)}, FALSE)",
            RunCondition or RunRange => Exists(predicate, run),
            _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate, "No such predicate."),
        };

    /// <summary>
    /// A SELECT of the ids of all runs, of any experiment, for which it holds, where an index finds them; some perhaps twice.
    /// Of several parts that must all hold it asks only one, so a compound predicate may find other runs too. Null where it is
    /// better to look at every run.
    /// </summary>
    public string? Ids(RunPredicate predicate)
    {
        switch (predicate)
        {
            case RunCondition { Field: RunField.Attribute, Key: "run_id", Comparator: "=" or "IN" } id:
                return $"SELECT r.id FROM run r WHERE {Attribute(id)}";
            case RunCondition { Field: RunField.Attribute, Key: "run_name", Comparator: "=" } name:
                return $"SELECT r.id FROM run r WHERE {Attribute(name)}";
            case RunCondition { Field: RunField.Attribute } or RunCondition { Comparator: "IS NULL" }:
                return null;
            case RunCondition { Field: RunField.Dataset } dataset:
                return $"SELECT i.run AS id FROM {Rows(dataset)}";
            case RunCondition { Field: RunField.Parameter, Comparator: "LIKE" or "ILIKE" } pattern
                when where.Dialect == Dialect.Sqlite
                    && ParameterText.Match(pattern.Key, (string)pattern.Value!) is { } match:
                return $"SELECT v.run AS id FROM run_parameter_text t CROSS JOIN {Rows(pattern)} AND v.id = t.rowid "
                    + $"AND run_parameter_text MATCH {where.Parameter(match)}";
            case RunRange { Field: not (RunField.Least or RunField.Greatest) }:
            case RunCondition { Field: RunField.Metric or RunField.Parameter or RunField.Result or RunField.Tag }:
                return $"SELECT v.run AS id FROM {Rows(predicate)}";
            case RunAll all:
                return all.Parts.Select(Ids).FirstOrDefault(ids => ids is not null);
            case RunAny { Parts.Count: > 0 } any:
                var each = any.Parts.Select(Ids).ToList();
                return each.Contains(null) ? null : string.Join(" UNION ALL ", each);
            default:
                return null;
        }
    }

    private string Attribute(RunCondition condition)
    {
        if (condition.Key == "label")
        {
            return Label(condition);
        }

        var column = RunColumns.Sql(condition.Key);
        return condition.Comparator switch
        {
            "IS NULL" or "IS NOT NULL" => $"{column} {condition.Comparator}",
            _ when condition.Value is double number =>
                $"{column} {Sign(condition.Comparator)} {where.Parameter(number)}",
            "=" when condition.Key == "run_name" => Equal(column, (string)condition.Value!),
            _ => where.Text(column, condition.Comparator, condition.Value!),
        };
    }

    /// <summary>A tag of the job, as our lists know tags.</summary>
    private string Label(RunCondition condition)
    {
        var tagged =
            "SELECT 1 FROM resource_tag rt JOIN tag t ON t.id = rt.tag_id WHERE rt.resource_id = r.job AND r.own = 1";
        return condition.Comparator switch
        {
            "IS NULL" => $"NOT EXISTS ({tagged})",
            "IS NOT NULL" => $"EXISTS ({tagged})",
            _ => $"EXISTS ({tagged} AND {where.Text("t.name", condition.Comparator, condition.Value!)})",
        };
    }

    /// <summary>
    /// A value in place of EXISTS: PostgreSQL would make a join of that, and read all rows that match, where a page needs few.
    /// </summary>
    private string Exists(RunPredicate predicate, string run)
    {
        var alias = predicate is RunCondition { Field: RunField.Dataset } ? "i" : "v";
        return $"(SELECT TRUE FROM {Rows(predicate)} AND {alias}.run = {run} LIMIT 1)";
    }

    /// <summary>The rows, alias <c>v</c> (<c>i</c> for datasets), that make it true: a table with a WHERE.</summary>
    private string Rows(RunPredicate predicate) =>
        predicate switch
        {
            RunCondition { Field: RunField.Dataset } dataset =>
                $"dataset d JOIN run_input i ON i.dataset = d.id WHERE {Dataset(dataset)}",
            RunRange range => $"{Named(range.Field, range.Key)} AND {Within(range)}",
            RunCondition { Comparator: "IS NOT NULL" } any => Named(any.Field, any.Key),
            RunCondition condition => $"{Named(condition.Field, condition.Key)} AND {Matches(condition)}",
            _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate, "No values of a run."),
        };

    private string Named(RunField field, string key)
    {
        var table = field switch
        {
            RunField.Parameter => "run_parameter",
            RunField.Result => "run_result",
            RunField.Tag => "run_tag",
            _ => "series",
        };
        return $"{table} v WHERE v.name = {where.Parameter(key)}";
    }

    private string Dataset(RunCondition condition)
    {
        var column = condition.Key switch
        {
            "name" => "d.name",
            "digest" => "d.digest",
            _ => "i.context",
        };
        return where.Text(column, condition.Comparator, condition.Value!);
    }

    private string Matches(RunCondition condition) =>
        condition switch
        {
            _ when RunRange.Of(condition) is { } range => Within(range),
            { Value: double } => Beside(RunRange.Of(condition with { Comparator = "=" })!),
            { Field: RunField.Result } => where.Text(ResultText("v.value"), condition.Comparator, condition.Value!),
            _ => Text(condition),
        };

    /// <summary>A result is JSON; a text is compared without its quotes.</summary>
    internal static string ResultText(string value) =>
        $"CASE WHEN SUBSTR({value}, 1, 1) = '\"' THEN SUBSTR({value}, 2, LENGTH({value}) - 2) ELSE {value} END";

    private string Within(RunRange range) =>
        $"{Number(range.Field)} BETWEEN {where.Parameter(range.Least)} AND {where.Parameter(range.Greatest)}";

    private string Beside(RunRange range) =>
        $"{Number(range.Field)} NOT BETWEEN {where.Parameter(range.Least)} AND {where.Parameter(range.Greatest)} AND {Number(range.Field)} < {NaN}";

    /// <summary>Texts that are no numbers are not in the index of numbers, so the condition says that they are not asked for.</summary>
    private static string Number(RunField field) =>
        field switch
        {
            RunField.Metric => "v.last",
            RunField.Least => "v.min",
            RunField.Greatest => "v.max",
            _ => "v.number IS NOT NULL AND v.number",
        };

    private string Text(RunCondition condition) =>
        condition.Comparator == "="
            ? Equal("v.value", (string)condition.Value!)
            : where.Text("v.value", condition.Comparator, condition.Value!);

    /// <summary>
    /// What the index holds of a value says all of a short one. A plain comparison beside it would make SQLite put the value
    /// into the first, and pass the index by.
    /// </summary>
    private string Equal(string column, string text)
    {
        var start = text.Length >= RunLead.Indexed ? Start(text) : text;
        var begins = $"substr({column}, 1, {RunLead.Indexed}) = {where.Parameter(start)}";
        return text.Length >= RunLead.Indexed ? $"{begins} AND {column} || '' = {where.Parameter(text)}" : begins;
    }

    /// <summary>The first 100 characters as the databases count them, which is by code points.</summary>
    private static string Start(string text) =>
        string.Concat(text.EnumerateRunes().Take(RunLead.Indexed).Select(r => r.ToString()));

    private static string Sign(string comparator) => comparator == "!=" ? "<>" : comparator;
}
