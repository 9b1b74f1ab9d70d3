using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Platform.Errors;
using Microsoft.AspNetCore.Http.Metadata;

namespace Alidade.Server.Platform.Input;

/// <summary>
/// A JSON body read strictly into the record <typeparamref name="T"/>: every wrong, missing or unknown field is reported
/// at once. The record is also what the OpenAPI document shows.
/// </summary>
/// <param name="Body">What the record was read from.</param>
public sealed record Input<T>(T Value, JsonElement Body) : IEndpointParameterMetadataProvider
    where T : class
{
    public static implicit operator T(Input<T> input) => input.Value;

    /// <summary>Called by the framework for each request.</summary>
    public static async ValueTask<Input<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var body = await InputBody.ReadAsync(context);
        return new Input<T>(InputBody.To<T>(body), body);
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new BodyMetadata(typeof(T)));
}

/// <summary>Bodies as JSON, and as records.</summary>
internal static class InputBody
{
    /// <param name="without">A field of the record that this body does not have.</param>
    /// <exception cref="InvalidInputException">With every wrong, missing or unknown field.</exception>
    public static T To<T>(JsonElement body, string? without = null)
        where T : class
    {
        var errors = new JsonObject();
        try
        {
            var value = (T?)RecordReader.Read(typeof(T), body, errors, without);
            return errors.Count == 0 ? value! : throw new InvalidInputException(errors);
        }
        catch (InvalidOperationException)
        {
            throw new InvalidInputException("_schema", "The name of a member is not valid text.");
        }
    }

    /// <summary>The body as an object, whatever content type it claims; nothing at all counts as an empty object.</summary>
    public static async Task<JsonElement> ReadAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        if (buffer.Length == 0)
        {
            return JsonDocument.Parse("{}").RootElement;
        }

        try
        {
            using var document = JsonDocument.Parse(
                buffer.GetBuffer().AsMemory(0, (int)buffer.Length),
                new() { MaxDepth = 64 }
            );
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 0)
            {
                return JsonDocument.Parse("{}").RootElement;
            }

            return root.ValueKind == JsonValueKind.Object
                ? root.Clone()
                : throw new InvalidInputException("_schema", "Invalid input type.");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException(
                "The body is not valid JSON: " + e.Message,
                StatusCodes.Status400BadRequest,
                e
            );
        }
    }
}
