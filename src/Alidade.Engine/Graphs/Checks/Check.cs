using Alidade.Engine.Issues;

namespace Alidade.Engine.Graphs.Checks;

/// <summary>One kind of rule a document must keep; adds an issue for each breach.</summary>
internal abstract class Check(ModelIndex index, List<Issue> issues)
{
    protected ModelIndex Index { get; } = index;

    protected EntrypointModel Model => Index.Model;

    public abstract void Run();

    protected void Error(string message, Place place, string? hint = null) =>
        issues.Add(Issue.Error(IssueType.Semantic, message, place, hint));

    protected void TypeError(string message, Place place, string? hint = null) =>
        issues.Add(Issue.Error(IssueType.Type, message, place, hint));

    protected void Warn(string message, Place place, string? hint = null) =>
        issues.Add(Issue.Warning(IssueType.Semantic, message, place, hint));

    /// <summary>Names that stand more than once, each once, at its second place.</summary>
    protected static IEnumerable<NameModel> Repeated(IEnumerable<NameModel> names) =>
        names.GroupBy(name => name.Text).Where(group => group.Count() > 1).Select(group => group.ElementAt(1));
}
