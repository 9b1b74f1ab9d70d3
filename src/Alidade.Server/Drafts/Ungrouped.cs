using System.Reflection;
using System.Text.Json;
using Alidade.Server.Platform.Input;
using Microsoft.AspNetCore.Http.Metadata;

namespace Alidade.Server.Drafts;

/// <summary>The body that creates a resource, less its group: a draft stays in the group it was made in.</summary>
public sealed record Ungrouped<T>(JsonElement Body) : IEndpointParameterMetadataProvider
    where T : class
{
    /// <summary>Called by the framework for each request.</summary>
    public static async ValueTask<Ungrouped<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var body = await InputBody.ReadAsync(context);
        InputBody.To<T>(body, without: DraftPayload.Group);
        return new Ungrouped<T>(body);
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new BodyMetadata(typeof(T), Without: DraftPayload.Group));
}
