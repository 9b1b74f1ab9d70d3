using System.Text.Json.Nodes;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Pages.Web;

/// <summary>What a form did wrong, by field; the empty name is for the form as a whole.</summary>
internal static class FormErrors
{
    public static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <summary>Runs what a form asks for; null when it was done, else what to say beside its fields.</summary>
    public static async Task<IReadOnlyDictionary<string, string>?> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (InvalidInputException e)
        {
            return Of(e);
        }
        catch (AlreadyExistsException e) when (e.Detail["entity_attributes"]?["name"] is { } name)
        {
            var kind = e.Detail["entity_type"]?.ToString().Replace('_', ' ');
            return new Dictionary<string, string>
            {
                ["name"] = kind is null ? $"The name {name} is taken." : $"There is a {kind} {name} already.",
            };
        }
        catch (ApiException e) when (e.Status is not StatusCodes.Status404NotFound)
        {
            return Whole(e.Message);
        }
    }

    /// <summary>Reads something of a form; null when it can be read.</summary>
    public static IReadOnlyDictionary<string, string>? Try(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (InvalidInputException e)
        {
            return Of(e);
        }
    }

    /// <summary>What is wrong by any of these, the first for each field; null when nothing is.</summary>
    public static IReadOnlyDictionary<string, string>? All(params IReadOnlyDictionary<string, string>?[] parts)
    {
        var all = new Dictionary<string, string>();
        foreach (var (field, error) in parts.SelectMany(part => part ?? None))
        {
            all.TryAdd(field, error);
        }

        return all.Count == 0 ? null : all;
    }

    /// <summary>What is wrong with a field or, where it is a list or a mapping, with the first wrong thing in it.</summary>
    public static string? Of(this IReadOnlyDictionary<string, string> errors, string field) =>
        errors.FirstOrDefault(error => IsOf(error.Key, field)).Value;

    /// <summary>What is wrong with the form as a whole, or with something that it has no field for.</summary>
    public static string? Beside(this IReadOnlyDictionary<string, string> errors, IReadOnlyCollection<string> fields)
    {
        var rest = errors.Where(error => !fields.Any(field => IsOf(error.Key, field))).Select(error => error.Value);
        return string.Join(" ", rest) is { Length: > 0 } text ? text : null;
    }

    private static bool IsOf(string error, string field) =>
        error == field || error.StartsWith(field + ".", StringComparison.Ordinal);

    public static IReadOnlyDictionary<string, string> Whole(string message) =>
        new Dictionary<string, string> { [""] = message };

    private static Dictionary<string, string> Of(InvalidInputException wrong)
    {
        var errors = new Dictionary<string, string>();
        Flatten(wrong.Errors, "", errors);
        return errors;
    }

    /// <summary>Nested fields are joined by dots, and only the first sentence of each is shown.</summary>
    private static void Flatten(JsonNode node, string path, Dictionary<string, string> into)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, member) in members)
                {
                    Flatten(member!, path.Length == 0 ? name : $"{path}.{name}", into);
                }

                break;
            case JsonArray items when items.FirstOrDefault() is { } first:
                Flatten(first, path, into);
                break;
            default:
                into.TryAdd(path, node.ToString());
                break;
        }
    }
}
