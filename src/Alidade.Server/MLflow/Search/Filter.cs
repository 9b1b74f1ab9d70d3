using Alidade.Engine.Search.Filters;
using Alidade.Server.MLflow.Protocol;

namespace Alidade.Server.MLflow.Search;

/// <summary>
/// A filter as MLflow's clients write it: comparisons joined by AND, nothing else. All searches share it.
/// </summary>
internal static class Filter
{
    private const int Longest = 20_000;

    public static IReadOnlyList<Comparison> Parse(string? text)
    {
        if (text?.Length > Longest)
        {
            throw MlflowException.Invalid($"The filter is longer than {Longest} characters.");
        }

        var tokens = FilterLexer.Read(text ?? "");
        var comparisons = new List<Comparison>();
        List<string> invalid = [.. tokens.Where(token => token.IsOpen).Select(token => token.Text)];
        for (var at = 0; at < tokens.Count; )
        {
            if (ComparisonReader.Read(tokens, ref at) is { } comparison)
            {
                comparisons.Add(comparison);
            }
            else if (tokens[at].IsWord("AND"))
            {
                at++;
            }
            else
            {
                invalid.Add(tokens[at++].Text);
            }
        }

        return invalid.Count == 0
            ? comparisons
            : throw MlflowException.Invalid(
                $"Invalid clause(s) in filter string: {string.Join(", ", invalid.Select(PythonText.Repr))}"
            );
    }
}
