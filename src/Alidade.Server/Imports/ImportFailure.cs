using System.Text.Json.Nodes;
using Alidade.Server.Platform.Errors;

namespace Alidade.Server.Imports;

/// <summary>The answers of an import that cannot be.</summary>
internal static class ImportFailure
{
    /// <param name="reason">A sentence: what is wrong, where, and what would be right.</param>
    public static RefusedException Because(string reason) =>
        new("ImportFailedError", $"Nothing was imported. {reason}", new JsonObject { ["reason"] = reason });

    public static RefusedException TooManyFiles() =>
        Because(
            $"The source has more than {ImportLimits.Files} files. Send only what is imported; of a git repository name the "
                + "folders: URL;folder,folder."
        );

    /// <summary>The repository could not be had.</summary>
    public static RefusedException Git(string reason) =>
        new("GitError", $"Nothing was imported. {reason}", new JsonObject { ["reason"] = reason });
}
