using System.Text.Json.Nodes;

namespace Alidade.Server.Tests.Fuzz;

/// <summary>A route as our own OpenAPI document describes it.</summary>
/// <param name="Query">Names of its query parameters.</param>
/// <param name="Fields">The members of its JSON body, with their types; null where it reads none.</param>
public sealed record Operation(
    string Method,
    string Path,
    IReadOnlyList<string> Query,
    IReadOnlyList<(string Name, string Type)>? Fields
)
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch"];

    public static IReadOnlyList<Operation> Of(JsonNode document) =>
        [
            .. from path in document["paths"]!.AsObject()
            from method in path.Value!.AsObject()
            where Methods.Contains(method.Key)
            select new Operation(
                method.Key.ToUpperInvariant(),
                path.Key,
                [
                    .. (method.Value!["parameters"]?.AsArray() ?? [])
                        .Where(p => p!["in"]!.GetValue<string>() == "query")
                        .Select(p => p!["name"]!.GetValue<string>()),
                ],
                FieldsOf(document, path.Key, method.Value["requestBody"]?["content"]?["application/json"]?["schema"])
            ),
        ];

    public override string ToString() => $"{Method} {Path}";

    private static List<(string, string)>? FieldsOf(JsonNode document, string path, JsonNode? schema)
    {
        if (schema is null)
        {
            return null;
        }

        var whole = Resolve(document, schema);
        return
        [
            .. (whole["properties"]?.AsObject() ?? []).Select(p =>
                (NameOn(path, p.Key), TypeOf(Resolve(document, p.Value!)))
            ),
        ];
    }

    /// <summary>MLflow's names are the only ones on our wire that are not in camel case.</summary>
    private static string NameOn(string path, string name) =>
        path.Contains("/mlflow/", StringComparison.Ordinal)
            ? System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name)
            : name;

    private static JsonNode Resolve(JsonNode document, JsonNode schema) =>
        schema["$ref"]?.GetValue<string>() is { } reference
            ? reference.Split('/').Skip(1).Aggregate(document, (node, key) => node[key]!)
            : schema;

    private static string TypeOf(JsonNode schema) =>
        schema["type"] switch
        {
            JsonValue one => one.GetValue<string>(),
            JsonArray several => several[^1]!.GetValue<string>(),
            _ => "object",
        };
}
