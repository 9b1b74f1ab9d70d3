using System.Globalization;
using Alidade.Engine.Search;
using Alidade.Engine.Search.Filters;
using Alidade.Storage.Runs;

namespace Alidade.Server.Runs.Tables;

/// <summary>What a filter over jobs and runs means.</summary>
internal static class TableFilter
{
    private static readonly string[] Numeric = ["=", "!=", "<", "<=", ">", ">="];

    /// <exception cref="SearchSyntaxException">It cannot be read, or names what there is not.</exception>
    public static IReadOnlyList<RunPredicate> Compile(string? text) => [Of(FilterParser.Parse(text ?? ""))];

    private static RunPredicate Of(FilterExpression expression) =>
        expression switch
        {
            FilterAll all => new RunAll([.. all.Parts.Select(Of)]),
            FilterAny any => new RunAny([.. any.Parts.Select(Of)]),
            FilterNot not => new RunNot(Of(not.Part)),
            FilterComparison comparison => Of(comparison),
            FilterWord word => Of(word),
            _ => throw new ArgumentOutOfRangeException(nameof(expression)),
        };

    private static RunPredicate Of(FilterComparison at)
    {
        var c = at.Comparison;
        var field =
            FieldName.TryOf(c.Entity, c.Key)
            ?? throw Error(
                $"'{(c.Entity is null ? c.Key : $"{c.Entity}.{c.Key}")}' is nothing to filter by; there is {FieldName.Choices}",
                at.Position
            );
        if (c.Comparator.EndsWith("NULL", StringComparison.Ordinal))
        {
            return field.Field == RunField.Dataset
                ? throw Error("datasets are compared with texts", at.Position)
                : new RunCondition(field.Field, field.Key, c.Comparator, null);
        }

        if (field.IsNumber || (IsNumeric(field) && c.Number is not null))
        {
            return Numbers(field, c, at.Position);
        }

        return NumberList(field, c, at.Position) ?? Texts(field, c, at.Position);
    }

    /// <summary>A list of nothing but numbers is compared by number, as each of them alone would be; else null.</summary>
    private static RunPredicate? NumberList(FieldName field, Comparison c, int at)
    {
        List<Comparison> each = [.. c.Value.Select(value => c with { Value = [value], IsList = false })];
        if (!IsNumeric(field) || !c.IsList || each.Count == 0 || each.Any(one => one.Number is null))
        {
            return null;
        }

        if (each.Count > FilterParser.MostTerms)
        {
            throw Error($"a list has at most {FilterParser.MostTerms} numbers", at);
        }

        var isNot = c.Comparator == "NOT IN";
        IReadOnlyList<RunPredicate> parts =
        [
            .. each.Select(one => new RunCondition(field.Field, field.Key, isNot ? "!=" : "=", one.Number)),
        ];
        return isNot ? new RunAll(parts) : new RunAny(parts);
    }

    private static RunCondition Numbers(FieldName field, Comparison c, int at)
    {
        if (!Numeric.Contains(c.Comparator))
        {
            throw Error($"{field.Text} is a number: compare it with {string.Join(' ', Numeric)}", at);
        }

        var number =
            field.IsTime ? Moment(c)
            : field.Key == "duration" && field.Field == RunField.Attribute ? c.Number * 1_000_000
            : c.Number;
        return new RunCondition(
            field.Field,
            field.Key,
            c.Comparator,
            number
                ?? throw Error(
                    field.IsTime
                        ? $"{field.Text} is compared with a moment such as '2026-01-31T12:00', or milliseconds since 1970"
                        : $"{field.Text} is compared with a number, not with {c.Said}",
                    at
                )
        );
    }

    private static RunPredicate Texts(FieldName field, Comparison c, int at)
    {
        if (c.Comparator is "<" or "<=" or ">" or ">=")
        {
            throw Error($"{c.Comparator} compares numbers, and {c.Said} is none", at);
        }

        var isIn = c.Comparator.EndsWith("IN", StringComparison.Ordinal);
        if (isIn != c.IsList)
        {
            throw Error(isIn ? "a list in parentheses must follow IN" : $"{c.Comparator} takes no list", at);
        }

        string[] texts = [.. c.Value.Select(v => FieldNames.Unquoted(v.Text))];
        if (texts.Length == 0)
        {
            throw Error("the list is empty", at);
        }

        if (field is { Field: RunField.Attribute, Key: "state" })
        {
            return States(c.Comparator, texts);
        }

        return new RunCondition(field.Field, field.Key, c.Comparator, isIn ? texts : texts[0]);
    }

    /// <summary>States by our words, or by Dioptra's.</summary>
    private static RunPredicate States(string comparator, string[] texts)
    {
        if (comparator.EndsWith("LIKE", StringComparison.Ordinal))
        {
            return new RunCondition(RunField.Attribute, "state", comparator, texts[0]);
        }

        string[] states = [.. texts.SelectMany(StatesOf)];
        var among = new RunCondition(RunField.Attribute, "state", "IN", states);
        return comparator is "!=" or "NOT IN" ? new RunNot(among) : among;
    }

    private static string[] StatesOf(string word) =>
        word.ToLowerInvariant() switch
        {
            "started" => ["claimed", "running", "unreachable", "cancelling"],
            "deferred" => ["scheduled"],
            "killed" => ["cancelled"],
            var own => [own],
        };

    private static RunPredicate Of(FilterWord word)
    {
        if (word.Field is null)
        {
            return Anything(word.Pattern);
        }

        var field =
            FieldName.TryParse(word.Field)
            ?? throw Error($"'{word.Field}' is nothing to filter by; there is {FieldName.Choices}", word.Position);
        if (field is { Field: RunField.Attribute, Key: "state" })
        {
            return States("=", [word.Pattern]);
        }

        if (!field.IsNumber)
        {
            return new RunCondition(field.Field, field.Key, "ILIKE", Like(word.Pattern));
        }

        var value = new FilterToken(word.Pattern.All(c => !char.IsLetter(c)) ? word.Pattern : $"'{word.Pattern}'");
        return Numbers(field, new Comparison(null, word.Field, "=", [value], IsList: false), word.Position);
    }

    /// <summary>In the name, entrypoint or user, or the number of a job, or the beginning of an id.</summary>
    private static RunAny Anything(string text)
    {
        var like = "%" + Like(text) + "%";
        List<RunPredicate> any =
        [
            .. new[] { "name", "entrypoint", "user" }.Select(key => new RunCondition(
                RunField.Attribute,
                key,
                "ILIKE",
                like
            )),
        ];
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var job))
        {
            any.Add(new RunCondition(RunField.Attribute, "job", "=", (double)job));
        }

        if (text.Length >= 6 && text.All(char.IsAsciiHexDigit))
        {
            any.Add(new RunCondition(RunField.Attribute, "run_id", "LIKE", text.ToLowerInvariant() + "%"));
        }

        return new RunAny(any);
    }

    private static string Like(string pattern) => pattern.Replace('*', '%').Replace('?', '_');

    private static bool IsNumeric(FieldName field) => field.Field is RunField.Parameter or RunField.Result;

    private static double? Moment(Comparison c) =>
        c.Number is { } millis ? millis * 1000
        : c.Text is string text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10
        : null;

    private static SearchSyntaxException Error(string message, int at) => new($"At character {at + 1}: {message}.", at);
}
