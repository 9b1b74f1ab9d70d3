using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Platform.Errors;
using Alidade.Server.Platform.Input;

namespace Alidade.Server.Pages.Web;

/// <summary>A form's values read by the rules that the same request has over HTTP, so both refuse the same things.</summary>
internal static class FormInput
{
    /// <exception cref="InvalidInputException">Something is missing or wrong; it says what, by field.</exception>
    public static T Read<T>(JsonObject body)
        where T : class
    {
        var errors = new JsonObject();
        var value = (T?)RecordReader.Read(typeof(T), JsonSerializer.SerializeToElement(body), errors);
        return errors.Count == 0 ? value! : throw new InvalidInputException(errors);
    }

    /// <summary>What was typed, or null when the field was left empty.</summary>
    public static string? TextOf(IFormCollection form, string field) =>
        form[field].ToString().Trim() is { Length: > 0 } text ? text : null;
}
