using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Tokens;

/// <summary><c>/tokens</c>: what lets programs in. A token cannot make another, so it can never become more than it is.</summary>
public static class TokenApi
{
    public static void MapTokenApi(this IEndpointRouteBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("tokens").Needs(Access.Person);
        tokens
            .MapPost(
                "/",
                (Input<TokenInput> input, Caller caller, TokenService service, CancellationToken c) =>
                    service.CreateAsync(caller, input, c)
            )
            .WithSummary("Make a token; it is shown once");
        tokens
            .MapGet(
                "/",
                (Listing listing, Caller caller, TokenService service, CancellationToken c) =>
                    service.ListAsync(caller, listing, c)
            )
            .WithSummary("List the user's tokens, without their secrets");
        tokens
            .MapDelete(
                "/{id:long}",
                (long id, Caller caller, TokenService service, CancellationToken c) =>
                    service.RevokeAsync(caller, id, c)
            )
            .WithSummary("Revoke a token");
    }
}
