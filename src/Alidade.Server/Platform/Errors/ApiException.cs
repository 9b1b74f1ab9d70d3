using System.Text.Json.Nodes;

namespace Alidade.Server.Platform.Errors;

/// <summary>An answer that is not a success, in the words of the wire: status, error class, sentence, facts.</summary>
public class ApiException(int status, string error, string message, JsonObject? detail = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Error { get; } = error;

    public JsonObject Detail { get; } = detail ?? [];

    /// <summary>When to try again, where that is known.</summary>
    public virtual TimeSpan? RetryAfter => null;
}

/// <summary>Nothing visible to the caller has this identity.</summary>
public sealed class NotFoundException(string kind, params (string Name, object Value)[] identity)
    : ApiException(
        StatusCodes.Status404NotFound,
        "EntityDoesNotExistError",
        $"Failed to locate {kind} with {Facts.Sentence(identity)}.",
        Facts.Detail([("entity_type", kind), .. identity])
    );

/// <summary>The name is taken.</summary>
public sealed class AlreadyExistsException(string? kind, long existing, params (string Name, object Value)[] identity)
    : ApiException(
        StatusCodes.Status409Conflict,
        "EntityExistsError",
        $"The {kind ?? "entity"} with {Facts.Sentence(identity)} is not available.",
        new JsonObject
        {
            ["entity_type"] = kind,
            ["existing_id"] = existing,
            ["entity_attributes"] = Facts.Detail(identity),
        }
    );

/// <summary>The request is understood and cannot be done as it stands.</summary>
public sealed class RefusedException(string error, string message, JsonObject? detail = null)
    : ApiException(StatusCodes.Status400BadRequest, error, message, detail);

/// <summary>The caller may see the thing but not do this with it.</summary>
public sealed class ForbiddenException(string error, string message)
    : ApiException(StatusCodes.Status403Forbidden, error, message);

/// <summary>The caller is not who it says, or says nothing.</summary>
public sealed class UnauthorizedException(string error, string message)
    : ApiException(StatusCodes.Status401Unauthorized, error, message);

/// <summary>Too many were wrong; the next is looked at when this time has passed.</summary>
public sealed class TooManyAttemptsException(TimeSpan wait)
    : ApiException(
        StatusCodes.Status429TooManyRequests,
        "TooManyAttemptsError",
        $"Too many wrong passwords. Try again in {Math.Ceiling(wait.TotalSeconds):0} seconds."
    )
{
    public override TimeSpan? RetryAfter => wait;
}

/// <summary>There are as many of a thing as there may be; it can be done when there are fewer.</summary>
public sealed class TooManyException(string error, string message, params (string Name, object Value)[] facts)
    : ApiException(StatusCodes.Status429TooManyRequests, error, message, Facts.Detail(facts));

/// <summary>Fields of a request with what is wrong in each; nested objects and list items nest by name and index.</summary>
public sealed class InvalidInputException(JsonObject errors) : Exception("The request has invalid fields.")
{
    public InvalidInputException(string field, string message)
        : this(new JsonObject { [field] = new JsonArray(message) }) { }

    public JsonObject Errors { get; } = errors;
}
