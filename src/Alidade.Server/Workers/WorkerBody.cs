using System.Reflection;
using System.Text.Json;

namespace Alidade.Server.Workers;

/// <summary>The JSON of a worker's call, read after its credential was found good.</summary>
public sealed record WorkerBody<T>(T Value)
    where T : class
{
    /// <exception cref="WorkerRefused">The body is not JSON of this shape.</exception>
    public static async ValueTask<WorkerBody<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        try
        {
            var value = await JsonSerializer.DeserializeAsync<T>(
                context.Request.Body,
                JsonSerializerOptions.Web,
                context.RequestAborted
            );
            return new WorkerBody<T>(value ?? throw WorkerRefused.Bad("The body is null."));
        }
        catch (JsonException e)
        {
            throw WorkerRefused.Bad($"The body cannot be read: {e.Message}");
        }
    }
}
