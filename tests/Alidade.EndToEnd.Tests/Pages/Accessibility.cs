using System.Reflection;
using System.Text.Json;
using Microsoft.Playwright;

namespace Alidade.EndToEnd.Tests.Pages;

/// <summary>Rules every page keeps: named controls, one h1, landmarks, unique ids, contrast of all text as it is drawn.</summary>
internal static class Accessibility
{
    private static readonly string Script = ReadScript();

    public static async Task<IReadOnlyList<string>> ProblemsAsync(IPage page) =>
        JsonSerializer.Deserialize<List<string>>((await page.EvaluateAsync(Script))!.Value.GetRawText())!;

    private static string ReadScript()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("accessibility.js")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
