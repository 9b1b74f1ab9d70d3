using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Alidade.Server.MLflow.Protocol;

/// <summary>
/// Reads JSON into a record as protobuf's JSON mapping does, which MLflow's clients rely on: numbers may be texts, enums
/// are names or numbers, null is unset, unknown fields are passed over.
/// </summary>
internal static class ProtoReader
{
    private static readonly ConcurrentDictionary<Type, Message> Messages = new();

    /// <summary>Reads a whole request.</summary>
    /// <exception cref="MlflowException">Names the first field that is missing or of another type.</exception>
    public static object Read(Type type, JsonElement json)
    {
        try
        {
            return Of(type).Read(json, null, null);
        }
        catch (MlflowException)
        {
            // To say where each of a thousand points stands would take longer than to read them, so only now.
            return Of(type).Read(json, "", null);
        }
        catch (InvalidOperationException)
        {
            throw new MlflowException(ErrorCodes.BadRequest, "The name of a member is not valid text.");
        }
    }

    private static Message Of(Type type) => Messages.GetOrAdd(type, t => new Message(t));

    /// <summary>One record: its constructor and what each parameter takes.</summary>
    private sealed class Message
    {
        private readonly ConstructorInvoker _make;
        private readonly Field[] _fields;

        public Message(Type type)
        {
            var constructor = type.GetConstructors()[0];
            _make = ConstructorInvoker.Create(constructor);
            _fields = [.. constructor.GetParameters().Select(p => new Field(p))];
        }

        /// <param name="path">What stands before the names of the fields in an error: <c>metrics[0].</c>; null for nothing.</param>
        /// <param name="outer">The parameter of the request that this is a part of, and its value.</param>
        public object Read(JsonElement json, string? path, (string Name, JsonElement Value)? outer)
        {
            var values = new object?[_fields.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = _fields[i].Read(json, path, outer);
            }

            return _make.Invoke(values.AsSpan());
        }
    }

    private sealed class Field
    {
        private readonly string _name;
        private readonly byte[] _bytes;
        private readonly string? _formerly;
        private readonly bool _required;
        private readonly object? _default;
        private readonly Type _type;
        private readonly Type? _item;

        public Field(ParameterInfo parameter)
        {
            _name = JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!);
            _bytes = Encoding.UTF8.GetBytes(_name);
            _formerly = parameter.GetCustomAttribute<FormerlyAttribute>()?.Name;
            _required = parameter.GetCustomAttribute<RequiredAttribute>() is not null;
            _default = parameter.HasDefaultValue ? parameter.DefaultValue : null;
            _type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            _item =
                _type.IsGenericType && _type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
                    ? _type.GetGenericArguments()[0]
                    : null;
        }

        public object? Read(JsonElement json, string? path, (string Name, JsonElement Value)? outer)
        {
            if (!TryFind(json, out var value))
            {
                return _required ? throw Missing(path, outer) : Unset();
            }

            var read = _item is null
                ? One(_type, value, path is null ? null : path + _name + ".", outer ?? (_name, value))
                : Many(_item, value, path, outer ?? (_name, value));
            return _required && read is "" or ICollection { Count: 0 } && _required ? throw Missing(path, outer) : read;
        }

        /// <summary>What is missing; within a list, clients before 3.0 look for the list.</summary>
        private MlflowException Missing(string? path, (string Name, JsonElement Value)? outer) =>
            MlflowException.Required(
                path + _name,
                outer is { } list ? (list.Name, PythonText.Json(list.Value), PythonText.TypeName(list.Value)) : null
            );

        private bool TryFind(JsonElement json, out JsonElement value) =>
            (json.TryGetProperty(_bytes, out value) && value.ValueKind != JsonValueKind.Null)
            || (
                _formerly is not null
                && json.TryGetProperty(_formerly, out value)
                && value.ValueKind != JsonValueKind.Null
            );

        private object? Unset() => _default ?? (_item is null ? null : Array.CreateInstance(_item, 0));

        private Array Many(Type item, JsonElement value, string? path, (string Name, JsonElement Value) outer)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                throw WrongType(outer);
            }

            var list = Array.CreateInstance(item, value.GetArrayLength());
            var i = 0;
            foreach (var element in value.EnumerateArray())
            {
                var place = path is null ? null : $"{path}{_name}[{i}].";
                list.SetValue(One(item, element, place, outer), i++);
            }

            return list;
        }

        private static object One(Type type, JsonElement value, string? path, (string Name, JsonElement Value) outer)
        {
            if (ProtoScalars.IsScalar(type))
            {
                return ProtoScalars.TryRead(type, value, out var scalar) ? scalar : throw WrongType(outer);
            }

            return value.ValueKind == JsonValueKind.Object ? Of(type).Read(value, path, outer) : throw WrongType(outer);
        }

        private static MlflowException WrongType((string Name, JsonElement Value) outer) =>
            MlflowException.WrongType(outer.Name, PythonText.Json(outer.Value), PythonText.TypeName(outer.Value));
    }
}
