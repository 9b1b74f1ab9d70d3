namespace Alidade.Engine.Values;

/// <summary>How the text of an entrypoint's parameter is read.</summary>
public enum ParameterType
{
    String,
    Float,
    Integer,
    Boolean,
    List,
    Mapping,
}

/// <summary>The names these types have in the API.</summary>
public static class ParameterTypes
{
    private static readonly string[] Names = ["string", "float", "integer", "boolean", "list", "mapping"];

    public static string Name(this ParameterType type) => Names[(int)type];

    /// <summary>Exact, as in the API: <c>Integer</c> is no type.</summary>
    public static bool TryParse(string name, out ParameterType type)
    {
        var place = Array.IndexOf(Names, name);
        type = (ParameterType)Math.Max(place, 0);
        return place >= 0;
    }
}
