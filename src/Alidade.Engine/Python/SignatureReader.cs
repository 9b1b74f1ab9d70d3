using Alidade.Engine.Graphs;

namespace Alidade.Engine.Python;

/// <summary>Reads plugin source without running it.</summary>
public static class SignatureReader
{
    private static readonly string[] Registering = ["dioptra.pyplugs.register", "alidade.task", "alidade.register"];

    /// <summary>Whether a decorator, by its full name, makes a task of a function.</summary>
    public static bool IsRegistering(string decorator) => Registering.Contains(decorator);

    /// <summary>Every function at the top level of a file.</summary>
    /// <exception cref="PythonSyntaxException">It is not Python.</exception>
    public static ModuleOutline Outline(string source) => StatementParser.Parse(source);

    /// <summary>The functions that are registered as tasks, under whatever name the decorator was imported.</summary>
    /// <exception cref="PythonSyntaxException">It is not Python.</exception>
    public static IReadOnlyList<TaskDraft> Read(string source) =>
        [
            .. Outline(source)
                .Functions.Where(function => !function.IsAsync && function.Decorators.Any(IsRegistering))
                .Select(Draft),
        ];

    /// <summary>The task one function would make, registered or not.</summary>
    public static TaskDraft Draft(FunctionOutline function)
    {
        var inputs = function
            .Parameters.Where(parameter => parameter.Kind is not (ParameterKind.Rest or ParameterKind.KeywordRest))
            .ToList();
        var returns = function.Returns is null or "None" ? null : function.Returns;
        var types = new TypeNaming([.. inputs.Select(input => input.Annotation), returns]);
        return new(
            function.Name,
            [.. inputs.Select(input => new TaskInput(input.Name, types.Name(input.Annotation), input.Default is null))],
            returns is null ? [] : [new TaskOutput("output", types.Name(returns))],
            types.Missing
        );
    }
}
