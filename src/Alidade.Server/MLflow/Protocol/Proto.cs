using System.Reflection;
using System.Text.Json;
using Alidade.Server.Platform.Input;
using Microsoft.AspNetCore.Http.Metadata;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>A request of MLflow's protocol with a JSON body, read into the record <typeparamref name="T"/>.</summary>
public sealed record Proto<T>(T Value) : IEndpointParameterMetadataProvider
    where T : class
{
    public static implicit operator T(Proto<T> request) => request.Value;

    /// <summary>Called by the framework for each request.</summary>
    public static async ValueTask<Proto<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        using var body = await ProtoBody.ReceiveAsync(context);
        return new Proto<T>(ProtoBody.Read<T>(body.Bytes));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new BodyMetadata(typeof(T)));
}

/// <summary>As <see cref="Proto{T}"/>, with its fields in the query: a list repeats its key.</summary>
public sealed record ProtoQuery<T>(T Value) : IEndpointParameterMetadataProvider
    where T : class
{
    public static implicit operator T(ProtoQuery<T> request) => request.Value;

    public static ValueTask<ProtoQuery<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        using var document = ProtoBody.Parse(typeof(T), context.Request.Query);
        return ValueTask.FromResult(new ProtoQuery<T>((T)ProtoReader.Read(typeof(T), document.RootElement)));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new QueryMetadata(typeof(T)));
}

/// <summary>The JSON of a request, wherever it came in.</summary>
internal static class ProtoBody
{
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 64 };

    /// <summary>Takes in a body that is said to be JSON, or is not there.</summary>
    public static Task<ReceivedBody> ReceiveAsync(HttpContext context)
    {
        var request = context.Request;
        var isEmpty = request.ContentLength is null or 0 && request.ContentType is null;
        if (!isEmpty && request.ContentType?.Split(';')[0].Trim() != "application/json")
        {
            throw MlflowException.Invalid("Bad Request. Content-Type must be one of ['application/json'].");
        }

        return ReceivedBody.ReadAsync(request, context.RequestAborted);
    }

    public static T Read<T>(ReadOnlyMemory<byte> body)
        where T : class
    {
        using var document = Parse(body);
        return (T)ProtoReader.Read(typeof(T), document.RootElement);
    }

    /// <summary>An object. Nothing at all is an empty one; very old clients encode twice.</summary>
    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Length == 0)
        {
            return JsonDocument.Parse("{}");
        }

        try
        {
            var document = JsonDocument.Parse(body, Limits);
            if (document.RootElement.ValueKind == JsonValueKind.String)
            {
                document = JsonDocument.Parse(document.RootElement.GetString()!, Limits);
            }

            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document
                : throw new MlflowException(ErrorCodes.BadRequest, "The body must be a JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new MlflowException(ErrorCodes.BadRequest, "The body is not valid JSON: " + e.Message);
        }
    }

    public static JsonDocument Parse(Type message, IQueryCollection query)
    {
        var lists = message
            .GetConstructors()[0]
            .GetParameters()
            .Where(p =>
                p.ParameterType.IsGenericType && p.ParameterType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            )
            .Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name!))
            .ToHashSet();
        var values = query.ToDictionary(
            pair => pair.Key,
            pair => lists.Contains(pair.Key) ? (object)pair.Value.ToArray() : pair.Value[^1]
        );
        return JsonSerializer.SerializeToDocument(values);
    }
}
