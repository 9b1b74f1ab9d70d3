using System.Collections.Frozen;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Alidade.Worker.Attempts;
using Alidade.Worker.Protocol;
using Alidade.Worker.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Alidade.Worker.Relay;

/// <summary>Passes a job's call on to the server under the attempt's token, and the answer back, both streamed.</summary>
internal sealed class RelayForwarder(HttpClient http, ReliableServer server, TimeProvider time)
{
    /// <summary>What concerns one connection, and credentials: the job has none, whatever it sends.</summary>
    private static readonly FrozenSet<string> NotPassedOn = FrozenSet.ToFrozenSet(
        [
            "Connection",
            "Keep-Alive",
            "Proxy-Authenticate",
            "Proxy-Authorization",
            "Proxy-Connection",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "Host",
            "Expect",
            "Authorization",
            "Cookie",
            "Set-Cookie",
            "Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Proto",
        ],
        StringComparer.OrdinalIgnoreCase
    );

    private readonly ConditionalWeakTable<Attempt, RelayToken> _tokens = [];

    public async Task ForwardAsync(HttpContext context, Attempt attempt)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.Value ?? "");
        if (RelayRoutes.IsSignIn(method, path))
        {
            await AnswerAsync(context, 200, "Login successful: the worker's agent knows the job.");
        }
        else if (!RelayRoutes.Allows(method, path, attempt.Job))
        {
            await AnswerAsync(
                context,
                403,
                $"{method} {path} is not for jobs: they reach the tracking routes and those of job {attempt.Job} only."
            );
        }
        else
        {
            await SendAsync(context, attempt);
        }
    }

    private async Task SendAsync(HttpContext context, Attempt attempt)
    {
        try
        {
            using var request = await RequestAsync(context, attempt);
            using var response = await http.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                context.RequestAborted
            );
            await AnswerAsync(context, response);
        }
        catch (ServerException e)
        {
            await AnswerAsync(context, 409, e.Message);
        }
        catch (HttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = "1";
            await AnswerAsync(context, 503, $"The server cannot be reached from this worker: {e.Message}");
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpContext context, Attempt attempt)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var token = _tokens.GetValue(attempt, owner => new RelayToken(owner, server, time));
        var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method),
            new Uri(target.TrimStart('/'), UriKind.Relative)
        );
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(header => !NotPassedOn.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        var secret = await token.CurrentAsync(context.RequestAborted);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return request;
    }

    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage response)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            if (!NotPassedOn.Contains(name))
            {
                context.Response.Headers.Append(name, values.ToArray());
            }
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static Task AnswerAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new RelayAnswer(message),
            WorkerJson.Default.RelayAnswer,
            cancellationToken: context.RequestAborted
        );
    }
}

/// <summary>What the agent itself says to a job.</summary>
internal sealed record RelayAnswer(string Message);
