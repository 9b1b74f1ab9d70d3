using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;
using Alidade.Server.Tests.Artifacts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>
/// Walks every endpoint as everyone. What is expected of each is what it declares (<see cref="Access"/>, or by its method),
/// so that an endpoint which is added is in the table at once; the few that have no group are named here.
/// </summary>
public sealed class AccessTableTests
{
    /// <summary>Endpoints whose address names no group's thing: lists, which show each their own, and what is everyone's.</summary>
    private static readonly Regex OfNoGroup = new(
        @"^GET /api/v1(/(?!live)[A-Za-z]+|/users/\{id:long\}|(/[A-Za-z]+){2})/?$"
            + @"|^POST /api/v1/(groups/|workflows/pluginTaskSignatureAnalysis|secrets/rotateKey|trash/sweep)$",
        RegexOptions.CultureInvariant
    );

    /// <summary>What a person sees alone: others of the group are told that it is not there.</summary>
    private static readonly Regex OfOnePerson = new(@"/drafts?(/|$)|\{draft", RegexOptions.CultureInvariant);

    /// <summary>Bodies that are no JSON, which their own tests send; here it is only seen who gets that far.</summary>
    private static readonly Regex OfOtherBody = new("/workflows/|/bundle$", RegexOptions.CultureInvariant);

    /// <summary>Clients of the wire expect an empty page for a job that is not there, and so does who may not see it.</summary>
    private const string UnknownToo = "GET /api/v1/jobs/{id:long}/log";

    [Fact]
    public async Task Every_endpoint_lets_in_whom_it_declares_and_nobody_else()
    {
        await using var world = await AccessWorld.BuildAsync();
        var wrong = new List<string>();
        foreach (var endpoint in Endpoints(world).Where(IsClosed))
        {
            foreach (var problem in await WalkAsync(world, endpoint))
            {
                wrong.Add($"{endpoint.Name}: {problem}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task No_other_site_makes_a_browser_change_anything()
    {
        await using var world = await AccessWorld.BuildAsync();
        var wrong = new List<string>();
        foreach (var endpoint in Endpoints(world).Where(e => e.Method is not ("GET" or "HEAD")))
        {
            using var request = Request(world, endpoint);
            request.Headers.Add("Sec-Fetch-Site", "cross-site");
            using var response = await world.Admin.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            // Other protocols have other words for it.
            var isOurs = endpoint.Pattern.StartsWith("/api/v1/", StringComparison.Ordinal);
            if (
                response.StatusCode != HttpStatusCode.Forbidden
                || (isOurs && !text.Contains("CrossSiteRequestError", StringComparison.Ordinal))
            )
            {
                wrong.Add($"{endpoint.Name}: {(int)response.StatusCode}");
            }
        }

        Assert.Empty(wrong);
    }

    private static async Task<IReadOnlyList<string>> WalkAsync(AccessWorld world, Walked endpoint)
    {
        var problems = new List<string>();
        var access = Access.Of(endpoint.Endpoint);
        await ExpectAsync("nobody", world.Nobody, a => a.Status == 401);
        foreach (var (scope, client) in world.Tokens)
        {
            if ((Scopes.Parse([scope]) & access.Tokens) == Scope.None)
            {
                await ExpectAsync($"token for {scope}", client, a => a.Status == 403);
            }
        }

        if (access == Access.Person || !endpoint.Pattern.StartsWith("/api/v1/", StringComparison.Ordinal))
        {
            // Signing in and out and changing passwords, and the calls of other protocols, are for their own tests.
            return problems;
        }

        if (OfNoGroup.IsMatch(endpoint.Name) && access.Role == Role.Reader)
        {
            await ExpectAsync("stranger", world.Stranger, a => IsLetIn(a) && !a.Tells);
            return problems;
        }

        if (OfOnePerson.IsMatch(endpoint.Pattern))
        {
            await ExpectAsync("stranger", world.Stranger, a => a.Status is 404 or 400 && !a.Tells);
            if (endpoint.Method != "GET")
            {
                await ExpectAsync("reader", world.Reader, a => a.Status is 404 or 403 or 400);
            }

            return problems;
        }

        if (endpoint.Name == UnknownToo)
        {
            await ExpectAsync(
                "stranger",
                world.Stranger,
                a => a.Text.EndsWith("\"data\":[]}", StringComparison.Ordinal)
            );
            return problems;
        }

        if (OfNoGroup.IsMatch(endpoint.Name) || OfOtherBody.IsMatch(endpoint.Pattern))
        {
            await ExpectAsync("stranger", world.Stranger, a => a.Status < 500 && !a.Tells);
            return problems;
        }

        await ExpectAsync("stranger", world.Stranger, a => a.Status == 404 && !a.Tells);
        (Role Role, HttpClient Client)[] people =
        [
            (Role.Reader, world.Reader),
            (Role.Contributor, world.Contributor),
            (Role.Admin, world.Admin),
        ];
        foreach (var (role, client) in people.Where(p => p.Role < access.Role))
        {
            await ExpectAsync(role.Word(), client, a => a is { Status: 403, Error: "PermissionDeniedError" });
        }

        // Deleting is left to who does it in other tests: here the next endpoints need what is there.
        if (endpoint.Method != "DELETE")
        {
            await ExpectAsync(access.Role.Word(), people[(int)access.Role].Client, IsLetIn);
        }

        return problems;

        async Task ExpectAsync(string who, HttpClient client, Func<Answer, bool> expected)
        {
            var answer = await AskAsync(world, endpoint, client);
            if (!expected(answer))
            {
                problems.Add($"{who} got {answer.Status} {answer.Text[..Math.Min(300, answer.Text.Length)]}");
            }
        }
    }

    private static bool IsLetIn(Answer answer) => answer.Status is < 500 and not (401 or 403 or 404);

    private static async Task<Answer> AskAsync(AccessWorld world, Walked endpoint, HttpClient client)
    {
        using var request = Request(world, endpoint);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        // A live stream has no end.
        var isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        return new Answer((int)response.StatusCode, isStream ? "" : await response.Content.ReadAsStringAsync());
    }

    private static HttpRequestMessage Request(AccessWorld world, Walked endpoint)
    {
        var body = endpoint.Endpoint.Metadata.GetMetadata<BodyMetadata>();
        return new HttpRequestMessage(new HttpMethod(endpoint.Method), world.Path(endpoint.Pattern))
        {
            Content = body is null ? null : JsonContent.Create(AnyBody.Of(body, world.Named)),
        };
    }

    /// <summary>Reading first, so that what changes comes after what looks.</summary>
    private static IReadOnlyList<Walked> Endpoints(AccessWorld world) =>
        [
            .. world
                .Server.Service<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .Where(e => e.RoutePattern.RawText?.StartsWith("/api/", StringComparison.Ordinal) == true)
                .SelectMany(e =>
                    e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => new Walked(e, m))
                )
                .OrderBy(e => Array.IndexOf(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], e.Method))
                .ThenBy(e => e.Pattern, StringComparer.Ordinal),
        ];

    private static bool IsClosed(Walked endpoint) =>
        endpoint.Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
        && endpoint.Endpoint.Metadata.GetMetadata<OwnCredential>() is null;

    private sealed record Walked(RouteEndpoint Endpoint, string Method)
    {
        public string Pattern => Endpoint.RoutePattern.RawText!;

        public string Name => $"{Method} {Pattern}";
    }

    private sealed record Answer(int Status, string Text)
    {
        /// <summary>Whether it gives the group away.</summary>
        public bool Tells => Text.Contains(AccessWorld.GroupName, StringComparison.Ordinal);

        public string? Error
        {
            get
            {
                try
                {
                    return (JsonNode.Parse(Text) as JsonObject)?["error"]?.GetValue<string>();
                }
                catch (System.Text.Json.JsonException)
                {
                    return null;
                }
            }
        }
    }
}
