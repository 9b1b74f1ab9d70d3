namespace Alidade.Engine.Python;

/// <summary>The functions a Python file defines at its top level, in order.</summary>
/// <param name="Words">Every name and keyword of its code, comments and texts aside.</param>
public sealed record ModuleOutline(IReadOnlyList<FunctionOutline> Functions, IReadOnlySet<string> Words);

/// <param name="IsGenerator">There is a <c>yield</c> in it: a call only makes the generator and runs nothing.</param>
/// <param name="Decorators">What each decorator is after the imports before it, such as <c>dioptra.pyplugs.register</c>.</param>
/// <param name="Returns">The annotation as written; null when there is none.</param>
public sealed record FunctionOutline(
    string Name,
    int Line,
    bool IsAsync,
    bool IsGenerator,
    IReadOnlyList<string> Decorators,
    IReadOnlyList<ParameterOutline> Parameters,
    string? Returns
);

/// <param name="Annotation">As written; null when there is none.</param>
/// <param name="Default">As written; null when a value must be given.</param>
public sealed record ParameterOutline(string Name, ParameterKind Kind, string? Annotation, string? Default);

public enum ParameterKind
{
    PositionalOnly,
    Normal,
    KeywordOnly,

    /// <summary><c>*args</c></summary>
    Rest,

    /// <summary><c>**kwargs</c></summary>
    KeywordRest,
}
