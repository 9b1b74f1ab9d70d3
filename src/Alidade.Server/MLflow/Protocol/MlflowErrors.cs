using System.Text.Json;
using Alidade.Server.Platform.Errors;
using Alidade.Storage.Platform;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>
/// Failures below MLflow's paths as MLflow's clients read them. They try statuses from 500 on again for a minute, so
/// only what may pass by itself has one.
/// </summary>
internal static partial class MlflowErrors
{
    private sealed record Body(string ErrorCode, string Message);

    public static IApplicationBuilder UseMlflowErrors(this IApplicationBuilder app) =>
        app.Use(
            async (context, next) =>
            {
                try
                {
                    await next(context);
                    await ExplainEmptyStatusAsync(context);
                }
                catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
                {
                    // Nobody waits for an answer.
                }
                catch (Exception e) when (!context.Response.HasStarted)
                {
                    context.Response.Clear();
                    await AnswerAsync(context, e);
                }
            }
        );

    private static Task AnswerAsync(HttpContext context, Exception error)
    {
        switch (error)
        {
            case MlflowException e:
                return WriteAsync(context, e.Status, e.Code, e.Message);
            case InvalidInputException e:
                return WriteAsync(context, 400, ErrorCodes.InvalidParameterValue, e.Errors.ToJsonString());
            case NotFoundException e:
                return WriteAsync(context, 404, ErrorCodes.ResourceDoesNotExist, e.Message);
            case UnauthorizedException:
                return WriteAsync(context, 401, ErrorCodes.Unauthenticated, Unauthenticated(context));
            case ApiException e:
                return WriteAsync(context, e.Status, ErrorCodes.Of(e.Status), e.Message);
            case BadHttpRequestException e:
                return WriteAsync(context, e.StatusCode, ErrorCodes.BadRequest, e.Message);
            case JsonException e:
                return WriteAsync(context, 400, ErrorCodes.BadRequest, "The body is not valid JSON: " + e.Message);
            case UniqueViolationException:
                return WriteAsync(
                    context,
                    400,
                    ErrorCodes.ResourceAlreadyExists,
                    "Another call made the same thing at the same moment."
                );
            case StoreUnavailableException or ConcurrentChangeException:
                context.Response.Headers.RetryAfter = "1";
                return WriteAsync(context, 503, ErrorCodes.TemporarilyUnavailable, error.Message);
            default:
                Log.Unexpected(Logger(context), context.TraceIdentifier, error);
                return WriteAsync(
                    context,
                    500,
                    ErrorCodes.InternalError,
                    $"The server failed. Its log says why, under request {context.TraceIdentifier}."
                );
        }
    }

    private static Task ExplainEmptyStatusAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentType is not null)
        {
            return Task.CompletedTask;
        }

        if (response.StatusCode == StatusCodes.Status404NotFound && context.GetEndpoint() is null)
        {
            OtherMethods.Explain(context);
        }

        return response.StatusCode switch
        {
            401 => WriteAsync(context, 401, ErrorCodes.Unauthenticated, Unauthenticated(context)),
            404 => WriteAsync(
                context,
                404,
                ErrorCodes.EndpointNotFound,
                $"There is nothing under {context.Request.Method} {context.Request.Path}."
            ),
            var status => WriteAsync(
                context,
                status,
                ErrorCodes.Of(status),
                status == 405
                    ? $"{context.Request.Method} is not possible on {context.Request.Path}."
                    : $"The request failed with status {status}."
            ),
        };
    }

    /// <summary>What is missing, and the line that mends it.</summary>
    private static string Unauthenticated(HttpContext context) =>
        (
            context.Request.Headers.Authorization.Count > 0
                ? "The token is unknown, expired or revoked"
                : "This server must know who logs"
        )
        + $". Where the script runs: eval \"$(alidade login --env --server {Address(context)})\" "
        + $"- or make a token on {Address(context)}/connect (`alidade token create --scope track`) and "
        + "export MLFLOW_TRACKING_TOKEN=TOKEN. A server that only this machine reaches may be "
        + "started with --tracking anonymous instead.";

    private static string Address(HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}";

    private static Task WriteAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new Body(code, message), MlflowJson.Options, context.RequestAborted);
    }

    private static ILogger Logger(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Alidade.Server.MLflow");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Request {Request} failed unexpectedly")]
        public static partial void Unexpected(ILogger logger, string request, Exception error);
    }
}
