using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alidade.Server.Platform.Input;
using Alidade.Server.Secrets;

namespace Alidade.Server.Tests.AccessControl;

/// <summary>
/// A body that an endpoint would take, made from the record it reads: so a refusal is about who asks and not about what.
/// </summary>
internal static class AnyBody
{
    /// <param name="named">Values of fields that name things.</param>
    public static JsonObject Of(BodyMetadata body, Func<string, object?> named)
    {
        var made = new JsonObject();
        foreach (var parameter in body.Type.GetConstructors()[0].GetParameters())
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!);
            if (name != body.Without && !parameter.HasDefaultValue)
            {
                made[name] = named(name) is { } value
                    ? JsonSerializer.SerializeToNode(value)
                    : Value(parameter, parameter.ParameterType, named);
            }
        }

        return made;
    }

    private static JsonNode? Value(ParameterInfo parameter, Type type, Func<string, object?> named)
    {
        if (type == typeof(string))
        {
            return Text(parameter);
        }

        // An enum may be written as its number.
        if (type.IsEnum || type == typeof(long) || type == typeof(int) || type == typeof(double))
        {
            return 1;
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type.IsEnum)
        {
            return Enum.GetNames(type)[0];
        }

        var isList = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);
        return isList ? List(parameter, type.GetGenericArguments()[0], named)
            : type.Namespace!.StartsWith("Alidade", StringComparison.Ordinal) ? Of(new BodyMetadata(type), named)
            : new JsonObject();
    }

    /// <summary>An empty list, or one with an item where an empty one is refused.</summary>
    private static JsonArray List(ParameterInfo parameter, Type item, Func<string, object?> named)
    {
        var least = parameter
            .CustomAttributes.FirstOrDefault(a => a.AttributeType == typeof(LengthAttribute))
            ?.ConstructorArguments[0]
            .Value;
        return least is > 0 ? [Value(parameter, item, named)] : [];
    }

    private static string Text(ParameterInfo parameter)
    {
        var oneOf = parameter.CustomAttributes.FirstOrDefault(a => a.AttributeType == typeof(OneOfAttribute));
        if (oneOf is not null)
        {
            var words = (IReadOnlyCollection<CustomAttributeTypedArgument>)oneOf.ConstructorArguments[0].Value!;
            return (string)words.First().Value!;
        }

        return parameter.GetCustomAttribute<PythonPathAttribute>() is not null ? "zz.py"
            : parameter.GetCustomAttribute<SecretValueAttribute>() is not null
                ? new string('z', SecretValueAttribute.Shortest)
            : "zz";
    }
}
