using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>The record that an endpoint reads its query into.</summary>
internal sealed record QueryMetadata(Type Type);

/// <summary>Puts the fields of queries into the OpenAPI document.</summary>
internal sealed class QueryTransformer : IOpenApiOperationTransformer
{
    public async Task TransformAsync(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        var query = context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryMetadata>().FirstOrDefault();
        foreach (var field in query?.Type.GetConstructors()[0].GetParameters() ?? [])
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name!),
                    In = ParameterLocation.Query,
                    Required = field.IsDefined(typeof(RequiredAttribute), inherit: false),
                    Schema = await context.GetOrCreateSchemaAsync(
                        field.ParameterType,
                        cancellationToken: cancellationToken
                    ),
                }
            );
        }
    }
}
