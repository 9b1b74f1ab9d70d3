namespace Alidade.Engine.Search.Filters;

/// <summary>What must hold: comparisons and words, joined by AND, OR, NOT and parentheses.</summary>
public abstract record FilterExpression;

/// <summary>All of these hold; none at all holds for everything.</summary>
public sealed record FilterAll(IReadOnlyList<FilterExpression> Parts) : FilterExpression;

public sealed record FilterAny(IReadOnlyList<FilterExpression> Parts) : FilterExpression;

public sealed record FilterNot(FilterExpression Part) : FilterExpression;

public sealed record FilterComparison(Comparison Comparison, int Position) : FilterExpression;

/// <summary>A value for any of the usual fields, or, as in <c>name:adv*</c>, for one.</summary>
/// <param name="Field">As typed, or null.</param>
/// <param name="Pattern"><c>*</c> stands for any run of characters and <c>?</c> for one.</param>
public sealed record FilterWord(string? Field, string Pattern, int Position) : FilterExpression;
