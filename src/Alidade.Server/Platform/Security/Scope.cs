namespace Alidade.Server.Platform.Security;

/// <summary>What a token opens. Each scope includes what is listed beside it.</summary>
[Flags]
public enum Scope
{
    None = 0,

    /// <summary>See what the user sees.</summary>
    Read = 1,

    /// <summary>Log to runs and jobs, and read them: what a training script needs.</summary>
    Track = 2,

    /// <summary>Create, change and delete resources and submit jobs; includes <see cref="Read"/> and <see cref="Track"/>.</summary>
    Write = 4,

    /// <summary>Manage groups, members, invitations and worker tokens; includes <see cref="Write"/>.</summary>
    Admin = 8,

    /// <summary>Read the audit log and what the server measures of itself, and nothing else.</summary>
    SystemRead = 16,
}

/// <summary>Scopes as words.</summary>
public static class Scopes
{
    private static readonly Dictionary<string, Scope> ByName = new(StringComparer.Ordinal)
    {
        ["read"] = Scope.Read,
        ["track"] = Scope.Track,
        ["write"] = Scope.Write,
        ["admin"] = Scope.Admin,
        ["system:read"] = Scope.SystemRead,
    };

    public static IEnumerable<string> Names => ByName.Keys;

    public static bool IsName(string word) => ByName.ContainsKey(word);

    /// <summary>All that these words open, what they include among it. A word that is unknown opens nothing.</summary>
    public static Scope Parse(IEnumerable<string> words)
    {
        var scopes = words.Aggregate(Scope.None, (all, word) => all | ByName.GetValueOrDefault(word));
        scopes |= scopes.HasFlag(Scope.Admin) ? Scope.Write : Scope.None;
        return scopes | (scopes.HasFlag(Scope.Write) ? Scope.Read | Scope.Track : Scope.None);
    }

    /// <summary>The words for a set of scopes: <c>read or track</c>.</summary>
    public static string Say(Scope scopes) =>
        string.Join(" or ", ByName.Where(s => scopes.HasFlag(s.Value)).Select(s => s.Key));
}
