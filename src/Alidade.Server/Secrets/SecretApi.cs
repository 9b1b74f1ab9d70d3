using Alidade.Server.Platform.Input;
using Alidade.Server.Platform.Security;

namespace Alidade.Server.Secrets;

/// <summary><c>/secrets</c>: what jobs of a group are given, by name.</summary>
public static class SecretApi
{
    public static void MapSecretApi(this IEndpointRouteBuilder api)
    {
        var secrets = api.MapGroup("/secrets").WithTags("secrets");
        secrets
            .MapGet(
                "/",
                (long? group, Caller caller, SecretService service, CancellationToken c) =>
                    service.ListAsync(caller, group, c)
            )
            .WithSummary("List secrets by name; no answer holds a value")
            .Needs(Access.Change);
        secrets
            .MapGet(
                "/{id:long}",
                (long id, Caller caller, SecretService service, CancellationToken c) => service.GetAsync(caller, id, c)
            )
            .WithSummary("Get a secret, without its value")
            .Needs(Access.Change);
        secrets
            .MapPost(
                "/",
                (Input<SecretInput> input, Caller caller, SecretService service, CancellationToken c) =>
                    service.CreateAsync(caller, input, c)
            )
            .WithSummary("Set a new secret")
            .Needs(Access.Manage);
        secrets
            .MapPut(
                "/{id:long}",
                (long id, Input<SecretChange> input, Caller caller, SecretService service, CancellationToken c) =>
                    service.ChangeAsync(caller, id, input, c)
            )
            .WithSummary("Give a secret a new value, or other limits")
            .Needs(Access.Manage);
        secrets
            .MapDelete(
                "/{id:long}",
                (long id, Caller caller, SecretService service, CancellationToken c) =>
                    service.DeleteAsync(caller, id, c)
            )
            .WithSummary("Delete a secret")
            .Needs(Access.Manage);
        secrets
            .MapPost(
                "/rotateKey",
                (Caller caller, SecretService service, CancellationToken c) => service.RotateKeyAsync(caller, c)
            )
            .WithSummary("Make a new key and seal every secret with it; for admins of the public group")
            .Needs(Access.Manage);
    }
}
