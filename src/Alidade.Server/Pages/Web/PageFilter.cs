using Alidade.Server.Pages.Errors;
using Alidade.Server.Pages.Shell;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.Pages.Web;

/// <summary>Around every page: its headers, who looks, and a page instead of JSON when something is refused.</summary>
internal sealed partial class PageFilter(ViewerLoader viewers, ILogger<PageFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        PageHeaders.Set(http.Response);
        try
        {
            // A form that is refused is answered with a page too.
            if (http.Features.Get<Caller>() is { } caller)
            {
                http.Features.Set(await viewers.LoadAsync(caller, http.RequestAborted));
            }

            return await next(context);
        }
        catch (NotFoundException e)
        {
            return Missing(e);
        }
        catch (ApiException e)
        {
            return Refused(e.Status, e.Message);
        }
        catch (InvalidInputException e)
        {
            return Refused(StatusCodes.Status400BadRequest, $"{e.Message} {e.Errors.ToJsonString()}");
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreUnavailableException))
        {
            Log.Failed(logger, http.TraceIdentifier, e);
            return PageResults.Page<ErrorPage>(
                new
                {
                    Title = "The server failed",
                    Text = "Its log says why, under the request named here.",
                    RequestId = http.TraceIdentifier,
                },
                StatusCodes.Status500InternalServerError
            );
        }
    }

    /// <summary>What there is none of, in the words of the pages, with the way to what there is.</summary>
    private static IResult Missing(NotFoundException missing)
    {
        var kind = missing.Detail["entity_type"]?.ToString() ?? "";
        var named = missing
            .Detail.Where(fact => fact.Key != "entity_type")
            .Select(fact => fact.Value?.ToString())
            .ToList();
        var (word, list) = kind switch
        {
            "ml_model" => ("model", "models"),
            "ml_model_version" => ("version of a model", "models"),
            "entry_point" or "entrypoint" => ("entrypoint", "entrypoints"),
            "experiment" or "queue" or "plugin" or "artifact" or "job" or "secret" => (kind, kind + "s"),
            "run" => (kind, "experiments"),
            _ => (kind.Replace('_', ' '), ""),
        };
        return PageResults.Page<ErrorPage>(
            new
            {
                Title = "Not found",
                Text = $"There is no {word} {named.LastOrDefault()} that you may see.",
                List = list,
            },
            missing.Status
        );
    }

    private static IResult Refused(int status, string message) =>
        PageResults.Page<ErrorPage>(
            new
            {
                Title = status switch
                {
                    404 => "Not found",
                    403 => "Not allowed",
                    _ => "Not done",
                },
                Text = message,
            },
            status
        );

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Page request {Request} failed")]
        public static partial void Failed(ILogger logger, string request, Exception error);
    }
}
