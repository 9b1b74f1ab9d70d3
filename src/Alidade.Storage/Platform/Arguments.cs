using System.Collections.Concurrent;
using System.Reflection;

namespace Alidade.Storage.Platform;

/// <summary>
/// The members of an argument object as named SQL parameters with their declared types, if they have one; accessors are
/// compiled once per type.
/// </summary>
internal static class Arguments
{
    private static readonly ConcurrentDictionary<
        Type,
        (string Name, Type Declared, Func<object, object?> Get)[]
    > Accessors = new();

    public static IReadOnlyList<(string Name, Type? Declared, object? Value)> Of(object? args)
    {
        switch (args)
        {
            case null:
                return [];
            case IEnumerable<KeyValuePair<string, object?>> named:
                return [.. named.Select(n => ("@" + n.Key, (Type?)null, n.Value))];
        }

        var accessors = Members(args.GetType());
        var values = new (string, Type?, object?)[accessors.Length];
        for (var i = 0; i < accessors.Length; i++)
        {
            values[i] = (accessors[i].Name, accessors[i].Declared, accessors[i].Get(args));
        }

        return values;
    }

    /// <summary>What objects of this type have, but for those that list names and values themselves.</summary>
    public static (string Name, Type Declared, Func<object, object?> Get)[] Members(Type type) =>
        Accessors.GetOrAdd(type, Compile);

    private static (string, Type, Func<object, object?>)[] Compile(Type type) =>
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Select(p => ("@" + p.Name, Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType, Getter(p))),
        ];

    private static Func<object, object?> Getter(PropertyInfo property)
    {
        var instance = System.Linq.Expressions.Expression.Parameter(typeof(object));
        var read = System.Linq.Expressions.Expression.Property(
            System.Linq.Expressions.Expression.Convert(instance, property.DeclaringType!),
            property
        );
        var boxed = System.Linq.Expressions.Expression.Convert(read, typeof(object));
        var get = System.Linq.Expressions.Expression.Lambda<Func<object, object?>>(boxed, instance).Compile();
        return (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType).IsEnum
            ? args => get(args)?.ToString()
            : get;
    }
}
