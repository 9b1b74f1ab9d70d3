using System.Reflection;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Alidade.Server.Drafts;

/// <summary>What a list of drafts understands in its query string; it is neither searched nor sorted.</summary>
/// <param name="Type">All drafts, those of new resources, or those of existing ones.</param>
public sealed record DraftListing(Listing Listing, string Type) : IEndpointParameterMetadataProvider
{
    public const string All = "all";
    public const string New = "new";
    public const string Existing = "existing";

    /// <summary>What the links of a page call the type: clients know it so, and following a link must keep it.</summary>
    public const string LinkName = "draft_type";

    public static DraftListing Read(IQueryCollection query)
    {
        var listing = Listing.Read(query) with { Search = "", SortBy = null };
        var type = query["draftType"].LastOrDefault() ?? query[LinkName].LastOrDefault() ?? All;
        return type is All or New or Existing
            ? new DraftListing(listing, type)
            : throw new InvalidInputException("draftType", $"Must be one of: {All}, {New}, {Existing}.");
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Metadata.Add(new QueryField("draftType", JsonSchemaType.String));
        builder.Metadata.Add(new QueryField("groupId", JsonSchemaType.Integer));
        builder.Metadata.Add(new QueryField("index", JsonSchemaType.Integer));
        builder.Metadata.Add(new QueryField("pageLength", JsonSchemaType.Integer));
    }
}
