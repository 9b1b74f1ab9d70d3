using System.Collections.Concurrent;
using System.Reflection;

namespace Alidade.Storage.Platform;

/// <summary>The members of an argument object as named SQL parameters; accessors are compiled once per type.</summary>
internal static class Arguments
{
    private static readonly ConcurrentDictionary<Type, (string Name, Func<object, object?> Get)[]> Accessors = new();

    public static IReadOnlyList<(string Name, object? Value)> Of(object? args)
    {
        switch (args)
        {
            case null:
                return [];
            case IEnumerable<KeyValuePair<string, object?>> named:
                return [.. named.Select(n => ("@" + n.Key, n.Value))];
        }

        var accessors = Accessors.GetOrAdd(args.GetType(), Compile);
        var values = new (string, object?)[accessors.Length];
        for (var i = 0; i < accessors.Length; i++)
        {
            var value = accessors[i].Get(args);
            values[i] = (accessors[i].Name, value is Enum ? value.ToString() : value);
        }

        return values;
    }

    private static (string, Func<object, object?>)[] Compile(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => ("@" + p.Name, Getter(p)))];

    private static Func<object, object?> Getter(PropertyInfo property)
    {
        var instance = System.Linq.Expressions.Expression.Parameter(typeof(object));
        var read = System.Linq.Expressions.Expression.Property(
            System.Linq.Expressions.Expression.Convert(instance, property.DeclaringType!),
            property
        );
        var boxed = System.Linq.Expressions.Expression.Convert(read, typeof(object));
        return System.Linq.Expressions.Expression.Lambda<Func<object, object?>>(boxed, instance).Compile();
    }
}
