using System.Globalization;
using System.Text.Json.Nodes;
using Alidade.Engine.Values;
using Alidade.Server.Jobs;
using Alidade.Server.Pages.Web;
using Alidade.Server.Platform.Security;
using TypeWords = Alidade.Engine.Values.ParameterTypes;

namespace Alidade.Server.Pages.Experiments;

/// <summary>The form that submits a job, before and after.</summary>
internal static class SubmitPages
{
    public static void MapSubmitPages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/experiments/{id:long}/submit", ShowAsync);
        pages.MapPost("/experiments/{id:long}/submit", SubmitAsync);
    }

    private static async Task<IResult> ShowAsync(
        long id,
        string? entrypoint,
        string? from,
        Caller caller,
        HttpContext context,
        SubmitLoader loader
    )
    {
        var chosen = long.TryParse(entrypoint, out var number) ? number : (long?)null;
        var model = await loader.LoadAsync(caller, id, chosen, context);
        return PageResults.Page<SubmitPage>(
            new
            {
                Model = long.TryParse(from, out var earlier)
                    ? await loader.RepeatAsync(caller, model, earlier, context.RequestAborted)
                    : model,
            }
        );
    }

    private static async Task<IResult> SubmitAsync(
        long id,
        long entrypoint,
        Caller caller,
        HttpContext context,
        SubmitLoader loader,
        JobSubmitService submit
    )
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var model = WithForm(await loader.LoadAsync(caller, id, entrypoint, context), form);
        var mistyped = Mistyped(model);
        if (mistyped.Count > 0)
        {
            return Refused(model, mistyped);
        }

        long job = 0;
        var errors = await FormErrors.TryAsync(async () =>
        {
            var input = FormInput.Read<JobInput>(BodyOf(model, entrypoint, form));
            job = (await submit.SubmitAsync(caller, id, input, key: null, context.RequestAborted)).Id;
        });
        return errors is null ? PageResults.SeeOther($"/jobs/{job}") : Refused(model, errors);
    }

    private static IResult Refused(SubmitModel model, IReadOnlyDictionary<string, string> errors) =>
        PageResults.Page<SubmitPage>(
            new { Model = model with { Errors = errors } },
            StatusCodes.Status422UnprocessableEntity
        );

    /// <summary>What is wrong with single values is said beside each, before anything is submitted.</summary>
    private static Dictionary<string, string> Mistyped(SubmitModel model)
    {
        var errors = new Dictionary<string, string>();
        foreach (var parameter in model.Parameters)
        {
            if (string.IsNullOrEmpty(parameter.Value))
            {
                if (parameter.Required && parameter.Type != "string")
                {
                    errors[parameter.Field] =
                        $"{parameter.Name} has no default. Give a value of type {parameter.Type}.";
                }
            }
            else if (
                TypeWords.TryParse(parameter.Type, out var type)
                && !ParameterText.TryParse(type, parameter.Value, out _, out var reason)
            )
            {
                errors[parameter.Field] = $"{parameter.Name} must be of type {parameter.Type}: {reason}";
            }
        }

        foreach (var artifact in model.Artifacts.Where(a => a.Pin is null))
        {
            errors[artifact.Field] = $"{artifact.Name} needs an artifact. Choose one.";
        }

        foreach (var (field, error) in model.Needs.Mistyped())
        {
            errors[field] = error;
        }

        return errors;
    }

    private static SubmitModel WithForm(SubmitModel model, IFormCollection form) =>
        model with
        {
            Parameters =
            [
                .. model.Parameters.Select(parameter => parameter with { Value = form[parameter.Field].ToString() }),
            ],
            Artifacts =
            [
                .. model.Artifacts.Select(artifact => artifact with { Value = form[artifact.Field].ToString() }),
            ],
            Queue = long.TryParse(form["queue"], out var queue) ? queue : model.Queue,
            Description = form["description"],
            Timeout = form["timeout"],
            Seed = form["seed"],
            Needs = SubmitNeeds.Of(form),
        };

    private static JsonObject BodyOf(SubmitModel model, long entrypoint, IFormCollection form)
    {
        var values = new JsonObject();
        foreach (
            var parameter in model.Parameters.Where(p =>
                p.Value is { Length: > 0 } || (p.Required && p.Type == "string")
            )
        )
        {
            values[parameter.Name] = parameter.Value ?? "";
        }

        var artifacts = new JsonObject();
        foreach (var artifact in model.Artifacts)
        {
            artifacts[artifact.Name] = new JsonObject
            {
                ["id"] = artifact.Pin!.Id,
                ["snapshotId"] = artifact.Pin.SnapshotId,
            };
        }

        var body = new JsonObject
        {
            ["entrypoint"] = entrypoint,
            ["queue"] = model.Queue,
            ["values"] = values,
            ["artifactValues"] = artifacts,
            ["description"] = FormInput.TextOf(form, "description"),
        };
        if (FormInput.TextOf(form, "timeout") is { } timeout)
        {
            body["timeout"] = timeout;
        }

        if (FormInput.TextOf(form, "seed") is { } seed)
        {
            body["seed"] = long.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : seed;
        }

        model.Needs.AddTo(body);
        return body;
    }
}
