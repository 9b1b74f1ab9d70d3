using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace Alidade.Server.Imports;

/// <summary>What is done about a resource whose name is there already.</summary>
public enum ConflictStrategy
{
    /// <summary>Nothing is imported.</summary>
    Fail,

    /// <summary>It keeps its id and gets a new snapshot, unless it says the same.</summary>
    Update,

    /// <summary>It is deleted and made anew.</summary>
    Overwrite,
}

/// <summary>The form of an import: multipart, or urlencoded where no file comes with it.</summary>
/// <param name="Archive">One of this, <paramref name="Files"/> and <paramref name="GitUrl"/>.</param>
public sealed record ImportForm(
    long Group,
    string ConfigPath,
    ConflictStrategy Strategy,
    string? GitUrl,
    IFormFile? Archive,
    IReadOnlyList<IFormFile>? Files
) : IEndpointParameterMetadataProvider
{
    private static readonly string[] Sources = ["git", "upload_archive", "upload_files"];
    private static readonly string[] Strategies = ["fail", "update", "overwrite"];

    /// <summary>Called by the framework for each request.</summary>
    public static async ValueTask<ImportForm> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var form = await ReadAsync(context);
        var errors = new JsonObject();
        var group = GroupOf(form, errors);
        var source = Choice(form, "sourceType", Sources, null, errors);
        var strategy = Choice(form, "resolveNameConflictsStrategy", Strategies, "fail", errors);
        if (errors.Count == 0)
        {
            RequireSource(form, source!, errors);
        }

        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }

        return new ImportForm(
            group,
            Text(form, "configPath") ?? "dioptra.toml",
            Enum.Parse<ConflictStrategy>(strategy!, ignoreCase: true),
            Text(form, "gitUrl"),
            form.Files.GetFile("archiveFile"),
            form.Files.GetFiles("files") is { Count: > 0 } files ? files : null
        );
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new BodyMetadata(typeof(ImportFormFields), ContentType: "multipart/form-data"));

    private static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            throw new InvalidInputException("_schema", "Send the fields as multipart/form-data.");
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = ImportLimits.Upload;
        }

        try
        {
            return await context.Request.ReadFormAsync(
                new FormOptions
                {
                    MultipartBodyLengthLimit = ImportLimits.Upload,
                    ValueCountLimit = ImportLimits.Files,
                },
                context.RequestAborted
            );
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException("_schema", $"The form cannot be read: {e.Message}");
        }
        catch (IOException e) when (e is not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested)
        {
            throw new InvalidInputException("_schema", $"The form ends too early: {e.Message}");
        }
    }

    private static BadHttpRequestException TooLarge() =>
        new(
            $"An import may be {ImportLimits.Upload >> 20} MiB at most. Send only what is imported, or use a git repository.",
            StatusCodes.Status413PayloadTooLarge
        );

    private static long GroupOf(IFormCollection form, JsonObject errors)
    {
        var text = Text(form, "group");
        if (text is null)
        {
            errors["group"] = new JsonArray("Missing data for required field.");
        }
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var group))
        {
            return group;
        }
        else
        {
            errors["group"] = new JsonArray("Not a valid integer.");
        }

        return 0;
    }

    private static string? Choice(
        IFormCollection form,
        string field,
        string[] allowed,
        string? otherwise,
        JsonObject errors
    )
    {
        var text = Text(form, field) ?? otherwise;
        if (text is null)
        {
            errors[field] = new JsonArray("Missing data for required field.");
        }
        else if (!allowed.Contains(text))
        {
            errors[field] = new JsonArray($"Must be one of: {string.Join(", ", allowed)}.");
        }

        return text;
    }

    /// <summary>These two errors are texts and not lists of texts: clients know them so.</summary>
    private static void RequireSource(IFormCollection form, string source, JsonObject errors)
    {
        (string Field, bool IsGiven)[] given =
        [
            ("gitUrl", form.ContainsKey("gitUrl")),
            ("archiveFile", form.Files.GetFile("archiveFile") is not null),
            ("files", form.Files.GetFile("files") is not null),
        ];
        var wanted = given[Array.IndexOf(Sources, source)];
        if (given.Count(field => field.IsGiven) != 1)
        {
            errors["sourceType"] = "Must only provide exactly one of ('gitUrl', 'archiveFile', 'files').";
        }
        else if (!wanted.IsGiven)
        {
            errors[wanted.Field] = $"field required when sourceType is '{source}'";
        }
    }

    private static string? Text(IFormCollection form, string field) =>
        form.TryGetValue(field, out var values) ? values[0] : null;
}

/// <summary>Exactly one of gitUrl, archiveFile and files, as sourceType says.</summary>
/// <param name="SourceType">git, upload_archive or upload_files.</param>
/// <param name="ResolveNameConflictsStrategy">fail, update or overwrite.</param>
internal sealed record ImportFormFields(
    long Group,
    string SourceType,
    string? GitUrl = null,
    IFormFile? ArchiveFile = null,
    IFormFileCollection? Files = null,
    string ConfigPath = "dioptra.toml",
    string ResolveNameConflictsStrategy = "fail"
);
