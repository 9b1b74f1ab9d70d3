namespace Alidade.Engine.Types;

/// <summary>Helps with a value that does not fit a type: what a name stands for, and which key it is about.</summary>
internal static class Misfit
{
    /// <summary>Null where the types' names say it all.</summary>
    public static string? Hint(EngineType given, EngineType expected, Compatibility compatibility) =>
        (given, expected) switch
        {
            (RecordType mine, RecordType other) when Key(mine, other, compatibility) is { } key => key,
            (_, { Name: { } name, Structure: var structure }) when name != structure => $"{name} is {structure}.",
            _ => null,
        };

    private static string? Key(RecordType given, RecordType expected, Compatibility compatibility)
    {
        if (expected.Properties.Keys.FirstOrDefault(key => !given.Properties.ContainsKey(key)) is { } missing)
        {
            return $"The key \"{missing}\" is missing.";
        }
        if (given.Properties.Keys.FirstOrDefault(key => !expected.Properties.ContainsKey(key)) is { } other)
        {
            return $"There is no key \"{other}\" in it; there is {string.Join(", ", expected.Properties.Keys)}.";
        }
        var wrong = expected.Properties.FirstOrDefault(own =>
            !compatibility.Fits(given.Properties[own.Key], own.Value)
        );
        return wrong.Key is null
            ? null
            : $"The key \"{wrong.Key}\" is {given.Properties[wrong.Key]} and takes {wrong.Value}.";
    }
}
