using System.Net;

namespace Alidade.Client;

/// <summary>The server refused a request, or could not be reached.</summary>
/// <param name="status">The HTTP status; null when no answer came.</param>
/// <param name="error">The server's name for the error, such as <c>EntityExistsError</c>; null when it gave none.</param>
/// <param name="message">One sentence for a person.</param>
/// <param name="fields">What is wrong with single fields, by path, such as <c>parameters.0.name</c>.</param>
public sealed class ApiException(
    HttpStatusCode? status,
    string? error,
    string message,
    IReadOnlyDictionary<string, IReadOnlyList<string>> fields,
    Exception? inner = null
) : Exception(message, inner)
{
    public HttpStatusCode? Status { get; } = status;

    public string? Error { get; } = error;

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Fields { get; } = fields;

    /// <summary>
    /// Nothing was wrong with the request: the server, or its database, or what stands before it, was not there. The same may
    /// be asked again.
    /// </summary>
    public bool IsAway =>
        Status
            is null
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout;

    internal static ApiException Of(HttpStatusCode? status, string message, Exception inner) =>
        new(status, null, message, new Dictionary<string, IReadOnlyList<string>>(), inner);
}
