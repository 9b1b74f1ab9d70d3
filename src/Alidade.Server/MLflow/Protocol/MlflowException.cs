namespace Alidade.Server.MLflow.Protocol;

/// <summary>A refusal in MLflow's words: a code that clients decide by, and a sentence for people.</summary>
public sealed class MlflowException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    public int Status { get; } = ErrorCodes.StatusOf(code);

    public static MlflowException Invalid(string message) => new(ErrorCodes.InvalidParameterValue, message);

    public static MlflowException Missing(string message) => new(ErrorCodes.ResourceDoesNotExist, message);

    public static MlflowException Exists(string message) => new(ErrorCodes.ResourceAlreadyExists, message);

    /// <summary>A required value was left out or is empty.</summary>
    /// <param name="within">The parameter of the request that it is missing in, its value and the type of that.</param>
    public static MlflowException Required(
        string parameter,
        (string Parameter, string Json, string Type)? within = null
    ) =>
        Invalid(
            $"Missing value for required parameter '{parameter}'."
                + (
                    within is var (name, json, type)
                        ? $" Invalid value {json} for parameter '{name}' supplied:  Hint: Value was of type '{type}'."
                        : ""
                )
                + SeeDocs
        );

    /// <summary>A value of another type than the parameter's.</summary>
    /// <param name="json">The value as compact JSON.</param>
    /// <param name="type">The type of the value, as Python calls it.</param>
    public static MlflowException WrongType(string parameter, string json, string type) =>
        Invalid(
            $"Invalid value {json} for parameter '{parameter}' supplied:  Hint: Value was of type '{type}'.{SeeDocs}"
        );

    /// <summary>A value of the right type that cannot be.</summary>
    public static MlflowException WrongValue(string parameter, string json, string why) =>
        Invalid($"Invalid value {json} for parameter '{parameter}' supplied: {why}");

    private const string SeeDocs = " See the API docs for more information about request parameters.";
}

/// <summary>MLflow's codes with the HTTP status each travels under.</summary>
internal static class ErrorCodes
{
    public const string InvalidParameterValue = "INVALID_PARAMETER_VALUE";
    public const string BadRequest = "BAD_REQUEST";
    public const string ResourceDoesNotExist = "RESOURCE_DOES_NOT_EXIST";
    public const string ResourceAlreadyExists = "RESOURCE_ALREADY_EXISTS";
    public const string EndpointNotFound = "ENDPOINT_NOT_FOUND";
    public const string Unauthenticated = "UNAUTHENTICATED";
    public const string PermissionDenied = "PERMISSION_DENIED";
    public const string ResourceConflict = "RESOURCE_CONFLICT";
    public const string NotImplemented = "NOT_IMPLEMENTED";
    public const string TemporarilyUnavailable = "TEMPORARILY_UNAVAILABLE";
    public const string RequestLimitExceeded = "REQUEST_LIMIT_EXCEEDED";
    public const string InternalError = "INTERNAL_ERROR";

    public static int StatusOf(string code) =>
        code switch
        {
            InvalidParameterValue or BadRequest or ResourceAlreadyExists => 400,
            Unauthenticated => 401,
            PermissionDenied => 403,
            ResourceDoesNotExist or EndpointNotFound => 404,
            ResourceConflict => 409,
            RequestLimitExceeded => 429,
            NotImplemented => 501,
            TemporarilyUnavailable => 503,
            _ => 500,
        };

    /// <summary>The code for a status that the framework or another feature chose.</summary>
    public static string Of(int status) =>
        status switch
        {
            401 => Unauthenticated,
            403 => PermissionDenied,
            404 => ResourceDoesNotExist,
            409 => ResourceConflict,
            429 => RequestLimitExceeded,
            503 => TemporarilyUnavailable,
            _ => BadRequest,
        };
}
