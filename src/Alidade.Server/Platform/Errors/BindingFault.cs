using System.Text.Json;
using System.Text.RegularExpressions;

namespace Alidade.Server.Platform.Errors;

/// <summary>
/// What the framework says of a parameter that it could not read: it speaks of types of .NET, which its caller does not
/// know.
/// </summary>
internal static partial class BindingFault
{
    /// <summary>The same as every other wrong field is told; null for a failure of another kind.</summary>
    public static InvalidInputException? Of(BadHttpRequestException error)
    {
        if (Unreadable().Match(error.Message) is { Success: true } wrong)
        {
            return new InvalidInputException(Name(wrong), Expected(wrong.Groups["type"].Value));
        }

        return Missing().Match(error.Message) is { Success: true } missing
            ? new InvalidInputException(Name(missing), "Missing data for required parameter.")
            : null;
    }

    private static string Name(Match said) => JsonNamingPolicy.CamelCase.ConvertName(said.Groups["name"].Value);

    private static string Expected(string type) =>
        type.Contains("bool", StringComparison.OrdinalIgnoreCase) ? "Not a valid boolean."
        : type.Contains("double", StringComparison.OrdinalIgnoreCase) ? "Not a valid number."
        : type.Contains("int", StringComparison.OrdinalIgnoreCase)
        || type.Contains("long", StringComparison.OrdinalIgnoreCase)
            ? "Not a valid integer."
        : "Not a valid value.";

    [GeneratedRegex("""^Failed to bind parameter "(?<type>.+) (?<name>\S+)" from ".*"\.$""", RegexOptions.Singleline)]
    private static partial Regex Unreadable();

    [GeneratedRegex("""^Required parameter "(?<type>.+) (?<name>\S+)" was not provided from .*\.$""")]
    private static partial Regex Missing();
}
