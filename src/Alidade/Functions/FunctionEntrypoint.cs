using Alidade.Client;

namespace Alidade.Functions;

/// <summary>A function of a file as a one-step entrypoint: what <c>alidade run</c> makes of it.</summary>
/// <param name="Filename">Name of the plugin file, a Python module.</param>
/// <param name="Contents">The file, as it is.</param>
/// <param name="Parameters">The function's parameters that can be set, in order.</param>
/// <param name="HasOutput">The function returns something.</param>
internal sealed record FunctionEntrypoint(
    string Filename,
    string Contents,
    string Function,
    IReadOnlyList<FunctionParameter> Parameters,
    bool HasOutput
)
{
    private string Module => Path.GetFileNameWithoutExtension(Filename);

    /// <summary>Apart from plugins a person wrote: a file <c>digits.py</c> never touches a plugin <c>digits</c>.</summary>
    public string PluginName => $"run_{Module}";

    public string Name => $"{Module}.{Function}";

    /// <summary>One step, named like the function, that takes each parameter by its name.</summary>
    public string TaskGraph =>
        Parameters.Count == 0
            ? $"{StepName}:\n  {Function}: []\n"
            : $"{StepName}:\n  {Function}:\n"
                + string.Concat(Parameters.Select(parameter => $"    {parameter.Name}: ${parameter.Name}\n"));

    /// <summary>A step must not share its name with a parameter.</summary>
    private string StepName => Parameters.Any(parameter => parameter.Name == Function) ? $"run_{Function}" : Function;

    public IReadOnlyList<EntrypointParameter> EntrypointParameters =>
        [.. Parameters.Select(parameter => new EntrypointParameter(parameter.Name, parameter.Kind, parameter.Default))];
}

/// <param name="Type">The plugin parameter type: one of the built-ins.</param>
/// <param name="Kind">The entrypoint parameter type: string, float, integer, boolean, list or mapping.</param>
/// <param name="Default">As text; null when there is none that a text can say.</param>
/// <param name="IsOwn">It has a default that only Python can say: left to the function unless a value is given.</param>
internal sealed record FunctionParameter(string Name, string Type, string Kind, string? Default, bool IsOwn);
