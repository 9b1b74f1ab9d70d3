using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Storage.Platform;

namespace Alidade.Server.Platform.Errors;

/// <summary>The one place where failures become answers: JSON for programs; pages have their own.</summary>
public static partial class ErrorHandling
{
    private static readonly Dictionary<int, string> Phrases = new()
    {
        [400] = "Bad Request",
        [401] = "Unauthorized",
        [403] = "Forbidden",
        [404] = "Not Found",
        [409] = "Conflict",
        [413] = "Content Too Large",
        [422] = "Unprocessable Entity",
        [429] = "Too Many Requests",
    };

    /// <summary>
    /// Turns exceptions and empty error statuses below <c>/api</c> into JSON, and what is refused before a page is found
    /// into its sentence.
    /// </summary>
    public static IApplicationBuilder UseApiErrors(this IApplicationBuilder app) =>
        app.Use(
            async (context, next) =>
            {
                try
                {
                    await next(context);
                    await ExplainEmptyStatusAsync(context);
                }
                catch (Exception e)
                    when (!context.Response.HasStarted && IsApi(context) && Answer(context, e) is { } answer)
                {
                    context.Response.Clear();
                    await WriteAsync(context, answer.Status, answer.Body);
                }
                catch (StoreUnavailableException e) when (!context.Response.HasStarted)
                {
                    context.Response.Clear();
                    SayWhenAgain(context, TimeSpan.FromSeconds(1));
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    await context.Response.WriteAsync(e.Message, context.RequestAborted);
                }
                catch (ApiException e) when (!context.Response.HasStarted)
                {
                    context.Response.Clear();
                    context.Response.StatusCode = e.Status;
                    await context.Response.WriteAsync(e.Message, context.RequestAborted);
                }
            }
        );

    public static bool IsApi(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
        || context.Request.Path.StartsWithSegments("/ajax-api", StringComparison.Ordinal)
        || context.Request.Path.StartsWithSegments("/openapi", StringComparison.Ordinal);

    /// <summary>The answer for an exception; null lets a cancelled request end silently.</summary>
    private static (int Status, JsonObject Body)? Answer(HttpContext context, Exception error)
    {
        switch (error)
        {
            case InvalidInputException e:
                return (400, new JsonObject { ["errors"] = e.Errors.DeepClone() });
            case ApiException e:
                SayWhenAgain(context, e.RetryAfter);
                return (e.Status, Body(context, e));
            case BadHttpRequestException e when BindingFault.Of(e) is { } wrong:
                return (400, new JsonObject { ["errors"] = wrong.Errors.DeepClone() });
            case BadHttpRequestException e:
                return (e.StatusCode, new JsonObject { ["message"] = e.Message });
            case JsonException e:
                return (400, new JsonObject { ["message"] = "The body is not valid JSON: " + e.Message });
            case UniqueViolationException or ConcurrentChangeException:
                return (
                    409,
                    new JsonObject
                    {
                        ["error"] = "ConcurrentChangeError",
                        ["message"] = "Conflict - Others change the same thing at this moment. Send it again.",
                    }
                );
            case StoreUnavailableException e:
                SayWhenAgain(context, TimeSpan.FromSeconds(1));
                return (503, new JsonObject { ["error"] = "StoreUnavailable", ["message"] = e.Message });
            case OperationCanceledException when context.RequestAborted.IsCancellationRequested:
                return null;
            default:
                Log.Unexpected(Logger(context), context.TraceIdentifier, error);
                return (
                    500,
                    new JsonObject
                    {
                        ["error"] = "InternalServerError",
                        ["message"] = $"The server failed. Its log says why, under request {context.TraceIdentifier}.",
                    }
                );
        }
    }

    private static void SayWhenAgain(HttpContext context, TimeSpan? wait)
    {
        if (wait is { } time)
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.RetryAfter = Math.Ceiling(time.TotalSeconds)
                    .ToString("0", System.Globalization.CultureInfo.InvariantCulture);
                return Task.CompletedTask;
            });
        }
    }

    private static JsonObject Body(HttpContext context, ApiException e) =>
        new()
        {
            ["error"] = e.Error,
            ["message"] = $"{Phrases.GetValueOrDefault(e.Status, "Error")} - {e.Message}",
            ["detail"] = e.Detail.DeepClone(),
            ["originating_path"] = $"{context.Request.Path}?{context.Request.QueryString.Value?.TrimStart('?')}",
        };

    private static Task ExplainEmptyStatusAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || !IsApi(context) || response.StatusCode < 400 || response.ContentType is not null)
        {
            return Task.CompletedTask;
        }

        if (response.StatusCode == 404 && context.GetEndpoint() is null)
        {
            OtherMethods.Explain(context);
        }

        var message = response.StatusCode switch
        {
            401 =>
                "The server could not verify that you are authorized to access the URL requested. Sign in, or send a token.",
            403 => "You may not do this.",
            404 => "The requested URL was not found on the server.",
            405 => "The method is not allowed for the requested URL.",
            413 => "The request is larger than this route accepts.",
            415 => "The content type of the request is not accepted here.",
            _ => $"The request failed with status {response.StatusCode}.",
        };
        return WriteAsync(context, response.StatusCode, new JsonObject { ["message"] = message });
    }

    private static Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, context.RequestAborted);
    }

    private static ILogger Logger(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Alidade.Server.Errors");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Request {Request} failed unexpectedly")]
        public static partial void Unexpected(ILogger logger, string request, Exception error);
    }
}
