using System.Text.Json.Nodes;
using Alidade.Server.Groups;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Paging;
using Alidade.Server.Platform.Security;
using Alidade.Server.Secrets;

namespace Alidade.Server.Pages.Secrets;

/// <summary>Names and last uses of secrets; admins set and delete them here. No page shows a value.</summary>
internal static class SecretPages
{
    public static void MapSecretPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(
            "/secrets",
            (Caller caller, SecretService secrets, GroupService groups, CancellationToken c) =>
                ShowAsync(caller, secrets, groups, null, FormErrors.None, c)
        );
        pages.MapPost("/secrets", SetAsync);
        pages.MapPost("/secrets/{id:long}/delete", DeleteAsync);
    }

    private static async Task<IResult> SetAsync(
        Caller caller,
        HttpContext context,
        SecretService secrets,
        GroupService groups
    )
    {
        var cancellation = context.RequestAborted;
        var form = await context.Request.ReadFormAsync(cancellation);
        var errors = await FormErrors.TryAsync(() => SaveAsync(caller, secrets, form, cancellation));
        return errors is null
            ? PageResults.SeeOther("/secrets")
            : await ShowAsync(caller, secrets, groups, form, errors, cancellation);
    }

    /// <summary>A name that is there gets the new value and keeps its limits.</summary>
    private static async Task SaveAsync(
        Caller caller,
        SecretService secrets,
        IFormCollection form,
        CancellationToken cancellation
    )
    {
        var input = FormInput.Read<SecretInput>(
            new JsonObject
            {
                ["group"] = long.TryParse(form["group"], out var chosen) ? chosen : 0,
                ["name"] = form["name"].ToString().Trim(),
                ["value"] = form["value"].ToString(),
            }
        );
        caller.Require(input.Group, Role.Admin);
        var known = (await secrets.ListAsync(caller, input.Group, cancellation)).FirstOrDefault(s =>
            s.Name == input.Name
        );
        if (known is null)
        {
            await secrets.CreateAsync(caller, input, cancellation);
        }
        else
        {
            await secrets.ChangeAsync(caller, known.Id, new SecretChange(input.Value), cancellation);
        }
    }

    private static async Task<IResult> DeleteAsync(long id, Caller caller, HttpContext context, SecretService secrets)
    {
        await secrets.DeleteAsync(caller, id, context.RequestAborted);
        return PageResults.SeeOther("/secrets");
    }

    private static async Task<IResult> ShowAsync(
        Caller caller,
        SecretService secrets,
        GroupService groups,
        IFormCollection? form,
        IReadOnlyDictionary<string, string> errors,
        CancellationToken cancellation
    )
    {
        var mine = (await groups.ListAsync(caller, new Listing(PageLength: 0), cancellation)).Data;
        var names = mine.ToDictionary(g => g.Id, g => g.Name);
        var model = new SecretsModel(
            [.. (await secrets.ListAsync(caller, null, cancellation)).Select(s => ItemOf(s, names, caller))],
            [.. mine.Where(g => caller.Groups[g.Id] >= Role.Admin).Select(g => KeyValuePair.Create(g.Id, g.Name))],
            errors
        )
        {
            Name = form?["name"].ToString(),
            Group = long.TryParse(form?["group"], out var chosen) ? chosen : null,
        };
        return PageResults.Page<SecretsPage>(
            new { Model = model },
            errors.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity
        );
    }

    private static SecretItem ItemOf(SecretView secret, Dictionary<long, string> groups, Caller caller) =>
        new(
            secret.Id,
            secret.Name,
            groups.GetValueOrDefault(secret.Group, ""),
            secret.Version,
            LimitsOf(secret),
            secret.User,
            WireTime.Read(secret.LastModifiedOn),
            WireTime.ReadOptional(secret.UsedOn),
            secret.UsedByJob,
            caller.Groups[secret.Group] >= Role.Admin
        );

    private static string LimitsOf(SecretView secret)
    {
        string?[] limits = [Limit("entrypoint", secret.Entrypoints), Limit("queue", secret.Queues)];
        return limits.Any(limit => limit is not null)
            ? string.Join("; ", limits.OfType<string>())
            : "every entrypoint of the group";
    }

    private static string? Limit(string what, IReadOnlyList<long>? ids) =>
        ids is null ? null : $"{what} {string.Join(", ", ids)}";
}
