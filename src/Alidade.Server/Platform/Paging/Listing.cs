using System.Reflection;
using System.Text.Json.Nodes;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Alidade.Server.Platform.Paging;

/// <summary>What every list understands in its query string.</summary>
public sealed record Listing(
    string Search = "",
    long? GroupId = null,
    string? SortBy = null,
    bool Descending = false,
    long Index = 0,
    long PageLength = Listing.DefaultLength
) : IEndpointParameterMetadataProvider
{
    public const int DefaultLength = 10;
    public const int LongestPage = 1000;

    /// <summary>What "everything" gets at once; more is on the next page, so that no list fills the memory.</summary>
    public const int LongestList = 10_000;

    /// <summary>Whether a length of zero asks for no row, only for the total, instead of for everything.</summary>
    public bool NoneAtZero { get; init; }

    /// <summary>Rows to read: a length of zero or less asks for everything there is.</summary>
    public long Limit =>
        PageLength > 0 ? PageLength
        : PageLength == 0 && NoneAtZero ? 0
        : LongestList;

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Metadata.Add(new QueryField("search", JsonSchemaType.String));
        builder.Metadata.Add(new QueryField("groupId", JsonSchemaType.Integer));
        builder.Metadata.Add(new QueryField("sortBy", JsonSchemaType.String));
        builder.Metadata.Add(new QueryField("descending", JsonSchemaType.Boolean));
        builder.Metadata.Add(new QueryField("index", JsonSchemaType.Integer));
        builder.Metadata.Add(new QueryField("pageLength", JsonSchemaType.Integer));
    }

    public static Listing Read(IQueryCollection query)
    {
        var errors = new JsonObject();
        var listing = new Listing(
            query["search"].LastOrDefault() ?? "",
            Integer(query, "groupId", errors),
            query["sortBy"].LastOrDefault() is { Length: > 0 } sort ? sort : null,
            Boolean(query, "descending", errors),
            Integer(query, "index", errors) ?? 0,
            Integer(query, "pageLength", errors) ?? DefaultLength
        );
        if (listing.Index < 0)
        {
            errors["index"] = new JsonArray("Must be greater than or equal to 0.");
        }

        if (listing.PageLength > LongestPage)
        {
            errors["pageLength"] = new JsonArray($"Must be <= {LongestPage}");
        }

        return errors.Count == 0 ? listing : throw new InvalidInputException(errors);
    }

    private static long? Integer(IQueryCollection query, string name, JsonObject errors)
    {
        if (query[name].LastOrDefault() is not { } text)
        {
            return null;
        }

        var number = Scalars.ParseInteger(text);
        if (number is null)
        {
            errors[name] = new JsonArray("Not a valid integer.");
        }

        return number;
    }

    private static bool Boolean(IQueryCollection query, string name, JsonObject errors)
    {
        if (query[name].LastOrDefault() is not { } text)
        {
            return false;
        }

        var value = Scalars.ParseBoolean(text);
        if (value is null)
        {
            errors[name] = new JsonArray("Not a valid boolean.");
        }

        return value ?? false;
    }
}
