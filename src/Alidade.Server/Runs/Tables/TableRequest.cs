using System.Globalization;
using System.Reflection;
using System.Text;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Alidade.Server.Runs.Tables;

/// <summary>Which jobs and runs of an experiment, in which order, with which of their values.</summary>
/// <param name="Columns">Null for whatever the runs of the page have.</param>
/// <param name="After">Where the page before ended.</param>
/// <param name="GroupBy">What comes before the order: rows that have it in common stand together.</param>
public sealed record TableRequest(
    string Filter = "",
    IReadOnlyList<FieldName>? Columns = null,
    FieldName? SortBy = null,
    bool Descending = false,
    string? After = null,
    int PageLength = TableRequest.UsualLength,
    FieldName? GroupBy = null
) : IEndpointParameterMetadataProvider
{
    public const int UsualLength = 100;
    public const int LongestPage = 1000;
    public const int MostColumns = 200;

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        foreach (var name in (string[])["filter", "columns", "sortBy", "pageToken"])
        {
            builder.Metadata.Add(new QueryField(name, JsonSchemaType.String));
        }

        builder.Metadata.Add(new QueryField("descending", JsonSchemaType.Boolean));
        builder.Metadata.Add(new QueryField("pageLength", JsonSchemaType.Integer));
    }

    public static TableRequest Read(IQueryCollection query) =>
        new(
            query["filter"].LastOrDefault() ?? "",
            query.ContainsKey("columns") ? Fields(query, "columns", MostColumns) : null,
            query["sortBy"].LastOrDefault() is { Length: > 0 } sort ? Sort(sort) : null,
            Scalars.ParseBoolean(query["descending"].LastOrDefault() ?? "false")
                ?? throw new InvalidInputException("descending", "Not a valid boolean."),
            ReadToken(query["pageToken"].LastOrDefault()),
            Length(query["pageLength"].LastOrDefault())
        );

    /// <summary>Names split by commas, or one each time the parameter is given.</summary>
    internal static IReadOnlyList<FieldName> Fields(IQueryCollection query, string parameter, int most)
    {
        var names = query[parameter]
            .SelectMany(text =>
                (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            )
            .Distinct()
            .Select(text => Field(parameter, text))
            .ToList();
        return names.Count <= most
            ? names
            : throw new InvalidInputException(parameter, $"At most {most} at once; these are {names.Count}.");
    }

    internal static FieldName Field(string parameter, string text) =>
        FieldName.TryParse(text)
            is { Field: not Storage.Runs.RunField.Dataset } field
                and not { Key: "label", Field: Storage.Runs.RunField.Attribute }
            ? field
            : throw new InvalidInputException(parameter, $"There is no '{text}'. There is {FieldName.Choices}.");

    /// <summary>The token of the page after a run.</summary>
    public static string TokenOf(string place) => Convert.ToBase64String(Encoding.UTF8.GetBytes(place));

    private static FieldName Sort(string text) => Field("sortBy", text);

    /// <summary>The place that a token stands for.</summary>
    internal static string? ReadToken(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        var bytes = new byte[token.Length];
        return
            Convert.TryFromBase64String(token, bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length) is var place
            && place.Split('.')[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? place
            : throw new InvalidInputException("pageToken", "Give a token as it came with the page before.");
    }

    private static int Length(string? text) =>
        text is null ? UsualLength
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
        && length is >= 1 and <= LongestPage
            ? length
        : throw new InvalidInputException("pageLength", $"Must be from 1 to {LongestPage}.");
}
