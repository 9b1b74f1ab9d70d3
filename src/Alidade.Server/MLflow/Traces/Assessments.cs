using System.Text.Json;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Traces;

/// <summary>The assessments of one trace.</summary>
internal static class Assessments
{
    private const int Most = 500;

    public static Assessment Get(this IReadOnlyList<Assessment> all, string trace, string id) =>
        all.FirstOrDefault(a => a.AssessmentId == id)
        ?? throw MlflowException.Missing($"Assessment with ID '{id}' not found for trace '{trace}'");

    /// <summary>With one more, which stands for the one that it overrides.</summary>
    public static IReadOnlyList<Assessment> With(this IReadOnlyList<Assessment> all, Assessment added)
    {
        if (all.Count >= Most)
        {
            throw MlflowException.Invalid($"A trace has at most {Most} assessments.");
        }

        return added.Overrides is { } id
            ? [.. all.Replaced(all.Get(added.TraceId, id) with { Valid = false }), added]
            : [.. all, added];
    }

    /// <summary>Without one; what it stood for is valid again.</summary>
    public static IReadOnlyList<Assessment> Without(this IReadOnlyList<Assessment> all, Assessment removed) =>
        [
            .. all.Where(a => a.AssessmentId != removed.AssessmentId)
                .Select(a => a.AssessmentId == removed.Overrides ? a with { Valid = true } : a),
        ];

    public static IReadOnlyList<Assessment> Replaced(this IReadOnlyList<Assessment> all, Assessment changed) =>
        [.. all.Select(a => a.AssessmentId == changed.AssessmentId ? changed : a)];

    /// <summary>
    /// With those that come with a trace. One that is there already, by its id or by what it says, stays as it is: a
    /// client that sends its trace again does not undo what was changed meanwhile.
    /// </summary>
    public static IReadOnlyList<Assessment> Merged(IReadOnlyList<Assessment> known, IEnumerable<Assessment> added)
    {
        var ids = known.Select(a => a.AssessmentId).ToHashSet();
        var texts = known.Select(Text).ToHashSet();
        return added
            .Where(a => ids.Add(a.AssessmentId) && texts.Add(Text(a)))
            .Aggregate(known, (all, one) => all.With(one));
    }

    /// <summary>The same one, when a client that missed the answer sends it again: it says itself when it was made.</summary>
    public static Assessment? Find(this IReadOnlyList<Assessment> all, Assessment wanted)
    {
        var text = Text(wanted);
        return all.FirstOrDefault(a =>
            a.AssessmentName == wanted.AssessmentName && a.CreateTime == wanted.CreateTime && Text(a) == text
        );
    }

    /// <summary>All that it says but its id.</summary>
    private static string Text(Assessment assessment) =>
        JsonSerializer.Serialize(assessment with { AssessmentId = "" });
}
