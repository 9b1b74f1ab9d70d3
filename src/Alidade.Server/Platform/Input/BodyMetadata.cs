using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Alidade.Server.Platform.Input;

/// <summary>
/// The record that an endpoint reads its body into. It documents only: the framework's own metadata would refuse bodies
/// without a JSON content type, which clients of the wire send.
/// </summary>
/// <param name="Without">A field of the record that the body does not have.</param>
public sealed record BodyMetadata(Type Type, string? Without = null, string ContentType = "application/json");

/// <summary>Puts the bodies into the OpenAPI document.</summary>
internal sealed class BodyTransformer : IOpenApiOperationTransformer
{
    public async Task TransformAsync(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        var body = context.Description.ActionDescriptor.EndpointMetadata.OfType<BodyMetadata>().FirstOrDefault();
        if (body is not null)
        {
            var schema = await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: cancellationToken);
            if (body.Without is { } field)
            {
                schema.Properties?.Remove(field);
                schema.Required?.Remove(field);
            }

            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType> { [body.ContentType] = new() { Schema = schema } },
            };
        }
    }
}
