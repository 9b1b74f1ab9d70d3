using Microsoft.AspNetCore.StaticFiles;

namespace Alidade.Server.Platform;

/// <summary>What a file is, as its name says.</summary>
internal static class MediaTypes
{
    private static readonly FileExtensionContentTypeProvider Known = new()
    {
        Mappings =
        {
            [".npy"] = "application/x-numpy",
            [".npz"] = "application/x-numpy",
            [".yaml"] = "text/yaml",
            [".yml"] = "text/yaml",
            [".py"] = "text/x-python",
            [".md"] = "text/markdown",
            [".log"] = "text/plain",
        },
    };

    public static string Of(string name) =>
        Known.TryGetContentType(name, out var type) ? type : "application/octet-stream";
}
