using System.Text.Json;
using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;
using Alidade.Engine.Values;
using Alidade.Engine.Yaml;

namespace Alidade.Engine.Tests.Graphs;

public sealed class RecordedValidationTests
{
    public static TheoryData<int> Documents() => [.. Enumerable.Range(0, Recorded.RootElement.GetArrayLength())];

    private static JsonDocument Recorded { get; } = JsonDocument.Parse(TestFiles.Read("Graphs/validation.json"));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Finds_the_issues_Dioptra_finds(int number)
    {
        var entry = Recorded.RootElement[number];
        var text = entry.GetProperty("document").GetRawText();
        var isWhole = entry.GetProperty("check").GetString() == "validate";
        var expected = entry
            .GetProperty("issues")
            .EnumerateArray()
            .Select(issue => $"{issue.GetProperty("type")} {issue.GetProperty("severity")}");

        var document = Node.From(PythonJson.Parse(text), new Place(Engine.Issues.Documents.TaskGraph));
        var issues = EntrypointValidator
            .Validate(document)
            .Where(issue => isWhole || issue.Type == IssueType.Type)
            .ToList();

        var actual = issues.Select(issue => $"{issue.Type.Name()} {issue.Severity.Name()}");
        Assert.True(
            expected.Order().SequenceEqual(actual.Order()),
            $"{text}\nexpected: {string.Join("; ", expected)}\nfound: {string.Join("; ", issues)}"
        );
    }
}
