using System.Security.Cryptography;
using System.Text;
using Alidade.Engine.Graphs;
using Alidade.Engine.Issues;

namespace Alidade.Engine.Plans;

/// <summary>
/// Turns an entrypoint and the values for one job into the plan a task host executes. All meaning is decided here: the
/// host looks nothing up and checks nothing.
/// </summary>
public static class PlanCompiler
{
    public static PlanResult Compile(PlanRequest request)
    {
        var issues = new List<Issue>();
        var values = JobValues.Read(request, issues);
        var (index, found) = EntrypointValidator.Analyze(request.Definition, values.ToDictionary());
        issues.AddRange(found);
        ArtifactInputCheck.Run(request, issues);
        if (index is null || issues.HasErrors())
        {
            return new(null, issues) { WrongValues = ValueCheck.Run(request, values) };
        }
        var steps = InOrder(index);
        var json = PlanWriter.Write(request, index, steps, values);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        return new(
            new(json, digest, [.. steps.Select(step => EntrypointValidator.Outline(index, step))], values),
            issues
        );
    }

    private static List<StepModel> InOrder(ModelIndex index)
    {
        var steps = new List<StepModel>();
        foreach (var name in index.Sorter().Order())
        {
            if (index.TryStep(name, out var step))
            {
                steps.Add(step);
            }
        }
        return steps;
    }
}
