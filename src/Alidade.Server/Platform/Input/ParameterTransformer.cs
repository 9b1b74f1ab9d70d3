using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.OpenApi;

namespace Alidade.Server.Platform.Input;

/// <summary>A query parameter that an endpoint reads by itself. It documents only.</summary>
public sealed record QueryField(string Name, JsonSchemaType Type);

/// <summary>Puts parameters into the OpenAPI document that the framework does not see, since a handler reads them itself.</summary>
internal sealed class ParameterTransformer : IOpenApiOperationTransformer
{
    public Task TransformAsync(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        operation.Parameters ??= [];
        var queries = context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryField>();
        foreach (var query in queries.DistinctBy(q => q.Name))
        {
            Add(operation, query.Name, ParameterLocation.Query, new OpenApiSchema { Type = query.Type });
        }

        foreach (var part in RoutePatternFactory.Parse(context.Description.RelativePath ?? "").Parameters)
        {
            var isNumber = part.ParameterPolicies.Any(policy => policy.Content == "long");
            var schema = new OpenApiSchema { Type = isNumber ? JsonSchemaType.Integer : JsonSchemaType.String };
            Add(operation, part.Name, ParameterLocation.Path, schema);
        }

        return Task.CompletedTask;
    }

    private static void Add(OpenApiOperation operation, string name, ParameterLocation place, OpenApiSchema schema)
    {
        if (!operation.Parameters!.Any(p => p.Name == name && p.In == place))
        {
            operation.Parameters!.Add(
                new OpenApiParameter
                {
                    Name = name,
                    In = place,
                    Required = place == ParameterLocation.Path,
                    Schema = schema,
                }
            );
        }
    }
}
