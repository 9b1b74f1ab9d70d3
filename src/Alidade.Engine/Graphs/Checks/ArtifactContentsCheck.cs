using Alidade.Engine.Issues;
using Alidade.Engine.Types;

namespace Alidade.Engine.Graphs.Checks;

/// <summary>
/// What is handed to an artifact task, held against what it gives when it loads. Only warnings: the outputs of an artifact
/// task say what <c>deserialize</c> gives, and <c>serialize</c> may take something else. What <c>args</c> there are only
/// the task's code knows.
/// </summary>
internal static class ArtifactContentsCheck
{
    public static IEnumerable<Issue> Run(EntrypointDefinition definition, ModelIndex index)
    {
        var compatibility = new Compatibility();
        var nominal = definition.Types.Where(type => type.Structure is null).Select(type => type.Name).ToHashSet();
        foreach (var output in index.Model.ArtifactOutputs)
        {
            var task = definition.ArtifactTasks.LastOrDefault(task => task.Name == output.Task.Text);
            if (task is { Outputs.Count: > 0 })
            {
                var expected = Types(task.Outputs, index, nominal);
                var given = TypeInference.OfArgument(output.Contents, reference => TypeOf(index, reference));
                if (!Fits(given, expected, compatibility))
                {
                    yield return Swapped(output, given, expected);
                }
            }
            foreach (var issue in References(output))
            {
                yield return issue;
            }
        }
    }

    private static Issue Swapped(ArtifactOutputModel output, EngineType given, EngineType expected) =>
        Issue.Warning(
            IssueType.Type,
            $"In artifact output \"{output.Name.Text}\": task \"{output.Task.Text}\" loads {expected} and is given "
                + $"{given} to store",
            output.Contents.Place,
            "This is right only if its serialize() makes the one of the other."
        );

    private static IEnumerable<Issue> References(ArtifactOutputModel output) =>
        output.Args is null
            ? []
            : ReferenceText
                .In(output.Args)
                .Select(found =>
                    Issue.Warning(
                        IssueType.Semantic,
                        $"In artifact output \"{output.Name.Text}\": \"args\" are handed over as they are, "
                            + $"\"${found.Reference.Written}\" as a text",
                        found.Node.Place,
                        "References belong to \"contents\"."
                    )
                );

    /// <summary>Nothing is said of a list of unknown length for many outputs.</summary>
    private static bool Fits(EngineType given, EngineType expected, Compatibility compatibility) =>
        (given is ListType && expected is TupleType { Name: null }) || compatibility.Fits(given, expected);

    /// <summary>What gives anything may give what is wanted.</summary>
    private static EngineType TypeOf(ModelIndex index, ReferenceText reference)
    {
        var type = index.References.Resolve(reference).Type;
        return type.Equals(BuiltinTypes.Any) ? UnknownType.Instance : type;
    }

    private static EngineType Types(IReadOnlyList<TaskOutput> outputs, ModelIndex index, HashSet<string> nominal)
    {
        var types = outputs.Select(output => TypeOf(output.Type)).ToList();
        return types is [var only] ? only : new TupleType(null, types);

        // A type that no other task uses is not looked up; one that is only its name still differs from all others.
        EngineType TypeOf(string name) =>
            !index.Types.IsDefined(name) && nominal.Contains(name) ? new SimpleType(name) : index.Types[name];
    }
}
