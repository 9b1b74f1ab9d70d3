using System.Text.RegularExpressions;
using Alidade.Cli;
using Alidade.Engine.Python;
using Alidade.Server.Platform.Input;

namespace Alidade.Functions;

/// <summary>Finds the function to run in a Python file, without running the file.</summary>
internal static partial class FunctionFile
{
    /// <param name="wanted">Name of the function; null to take the only one that can be meant.</param>
    /// <param name="given">Names of the parameters that get a value.</param>
    /// <exception cref="CommandException">The file, the function or a parameter is not there or cannot be used.</exception>
    public static FunctionEntrypoint Read(FileInfo file, string? wanted, IReadOnlyCollection<string> given)
    {
        var contents = ReadText(file);
        var function = Choose(file.Name, Outline(file.Name, contents), wanted);
        RequirePlain(file.Name, function);
        var parameters = function
            .Parameters.Where(parameter => parameter.Kind is not (ParameterKind.Rest or ParameterKind.KeywordRest))
            .ToList();
        var sent = parameters.Select(FunctionParameters.Of).Where(p => !p.IsOwn || given.Contains(p.Name)).ToList();
        RequireNames(file.Name, function, sent);
        RequireKnown(function, parameters, given);
        return new FunctionEntrypoint(
            ModuleName(file.Name),
            contents,
            function.Name,
            sent,
            function.Returns is not (null or "None")
        );
    }

    private static string ReadText(FileInfo file)
    {
        RequireFile(file);
        try
        {
            return File.ReadAllText(file.FullName);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} cannot be read: {problem.Message}");
        }
    }

    private static void RequireFile(FileInfo file)
    {
        if (Directory.Exists(file.FullName))
        {
            throw new CommandException($"{file} is a folder; give a Python file.");
        }

        var given = file.ToString();
        var colon = given.LastIndexOf(':');
        if (!file.Exists && colon > 0 && File.Exists(given[..colon]))
        {
            throw new CommandException(
                $"There is no file {given}; a function is named with -f: {given[..colon]} -f {given[(colon + 1)..]}"
            );
        }
    }

    private static ModuleOutline Outline(string name, string contents)
    {
        try
        {
            return SignatureReader.Outline(contents);
        }
        catch (PythonSyntaxException problem)
        {
            throw new CommandException($"{name} is no valid Python: {problem.Message}");
        }
    }

    private static FunctionOutline Choose(string file, ModuleOutline module, string? wanted)
    {
        if (wanted is not null)
        {
            return module.Functions.LastOrDefault(function => function.Name == wanted)
                ?? throw new CommandException(
                    $"{file} has no function {wanted} at its top level.{Listed(module.Functions)}"
                );
        }

        var open = module.Functions.Where(function => !function.Name.StartsWith('_')).ToList();
        var registered = open.Where(function => function.Decorators.Any(SignatureReader.IsRegistering)).ToList();
        return (registered, open) switch
        {
            ([var only], _) => only,
            ([], [var only]) => only,
            ([], _) when open.Find(function => function.Name == "main") is { } main => main,
            _ => throw new CommandException($"{file}: say which function with --function.{Listed(open)}"),
        };
    }

    private static void RequirePlain(string file, FunctionOutline function)
    {
        // What another decorator makes of a generator, only Python knows.
        var isGenerator = function.IsGenerator && function.Decorators.All(SignatureReader.IsRegistering);
        if (function.IsAsync || isGenerator)
        {
            var what = function.IsAsync ? "async" : "a generator";
            throw new CommandException($"{file}: {function.Name} is {what}; only plain functions can run as a job.");
        }
    }

    private static string Listed(IEnumerable<FunctionOutline> functions)
    {
        var names = string.Join(", ", functions.Select(function => function.Name).Distinct());
        return names.Length == 0 ? " It has none." : $" It has: {names}.";
    }

    /// <summary>Python takes more names than a server does.</summary>
    private static void RequireNames(string file, FunctionOutline function, List<FunctionParameter> parameters)
    {
        const string Rule =
            "A name is made of ASCII letters, digits and underscores; "
            + "it begins with a letter, or with an underscore and at least one more.";
        if (!IdentifierAttribute.IsIdentifier(function.Name))
        {
            throw new CommandException($"{file}: the function {function.Name} needs another name. {Rule}");
        }

        if (new TaskNameAttribute().Check(function.Name) is { } special)
        {
            throw new CommandException($"{file}: {special}");
        }

        if (parameters.Find(parameter => !IdentifierAttribute.IsIdentifier(parameter.Name)) is { } wrong)
        {
            throw new CommandException(
                $"{file}: the parameter {wrong.Name} of {function.Name} needs another name. {Rule}"
            );
        }
    }

    private static void RequireKnown(
        FunctionOutline function,
        List<ParameterOutline> parameters,
        IReadOnlyCollection<string> given
    )
    {
        var takes =
            parameters.Count == 0
                ? "It takes none."
                : $"It takes: {string.Join(", ", parameters.Select(p => p.Name))}.";
        if (given.FirstOrDefault(name => parameters.All(parameter => parameter.Name != name)) is { } unknown)
        {
            throw new CommandException($"-P {unknown}: {function.Name} has no such parameter. {takes}");
        }

        var missing = parameters
            .Where(parameter => parameter.Default is null && !given.Contains(parameter.Name))
            .ToList();
        if (missing.Count > 0)
        {
            var flags = string.Join(' ', missing.Select(parameter => $"-P {parameter.Name}=..."));
            throw new CommandException($"{function.Name} needs a value: {flags}");
        }

        if (parameters.FirstOrDefault(parameter => parameter.Kind == ParameterKind.PositionalOnly) is { } positional)
        {
            throw new CommandException(
                $"{function.Name}: {positional.Name} is positional-only; a job passes parameters by name. Remove the \"/\"."
            );
        }
    }

    /// <summary>A file name that is a Python module: <c>hello-world.py</c> becomes <c>hello_world.py</c>.</summary>
    private static string ModuleName(string file)
    {
        var stem = NotInNames().Replace(Path.GetFileNameWithoutExtension(file), "_");
        return $"{(stem.Length == 0 || char.IsAsciiDigit(stem[0]) ? "_" : "")}{stem}.py";
    }

    [GeneratedRegex("[^A-Za-z0-9_]")]
    private static partial Regex NotInNames();
}
