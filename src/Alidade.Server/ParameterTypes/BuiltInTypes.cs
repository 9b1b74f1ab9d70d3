using Alidade.Server.Platform.Resources;
using Alidade.Server.Platform.Security;
using Alidade.Storage.Platform;

namespace Alidade.Server.ParameterTypes;

/// <summary>The six types that every graph may use; nobody changes them.</summary>
public static class BuiltInTypes
{
    public static readonly IReadOnlyList<string> Names = ["any", "string", "integer", "number", "boolean", "null"];

    public static bool Contains(string name) => Names.Contains(name.Trim().ToLowerInvariant());

    /// <summary>Their ids by name; no other type may have one of these names.</summary>
    public static Dictionary<string, long> Ids(ISession s) =>
        s.Query<RefRow>(
                "SELECT id, name FROM resource WHERE kind = @Kind AND deleted IS NULL AND name = ANY(@Names)",
                new { Kind = ResourceKind.ParameterType.Name, Names = Names.ToArray() }
            )
            .ToDictionary(row => row.Name, row => row.Id);

    public static void Create(ITransaction t, Caller creator, long group)
    {
        foreach (var name in Names)
        {
            Resources.Create(
                t,
                ResourceKind.ParameterType,
                creator,
                group,
                new Content(name, null, new TypePayload(null))
            );
        }
    }
}

/// <summary>What a snapshot of a type holds beside name and description.</summary>
public sealed record TypePayload(System.Text.Json.JsonElement? Structure);
