using System.Text.Json;

namespace Alidade.Storage.Workers;

/// <summary>Lists of names as columns keep them. Nearly all are empty, and those cost nothing.</summary>
internal static class DataFolderNames
{
    public static IReadOnlyList<string> Parse(string json) =>
        json == "[]" ? [] : JsonSerializer.Deserialize<string[]>(json)!;
}
