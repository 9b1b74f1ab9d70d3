using System.Reflection;
using System.Text;
using SQLitePCL;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>
/// Rows of a statement as <typeparamref name="T"/>: a scalar, or a record whose members are found by the names of the
/// columns. What is NULL leaves a member as it is.
/// </summary>
internal sealed class SqliteRows<T>
{
    private readonly Func<sqlite3_stmt, int, T>? _scalar;
    private readonly SqliteColumn<T>?[] _members;

    public SqliteRows(sqlite3_stmt statement)
    {
        _scalar = SqliteValues.Reader<T>();
        _members = new SqliteColumn<T>?[raw.sqlite3_column_count(statement)];
        for (var i = 0; _scalar is null && i < _members.Length; i++)
        {
            var name = raw.sqlite3_column_name(statement, i).utf8_to_string();
            _members[i] = SqliteColumn<T>.Named(name.Replace("_", "", StringComparison.Ordinal));
        }
    }

    public int Columns => _members.Length;

    public T Read(sqlite3_stmt row)
    {
        if (_scalar is not null)
        {
            return SqliteValues.IsNull(row, 0) ? default! : _scalar(row, 0);
        }

        var made = Activator.CreateInstance<T>();
        for (var i = 0; i < _members.Length; i++)
        {
            if (_members[i] is { } member && !SqliteValues.IsNull(row, i))
            {
                member.Set(made, row, i);
            }
        }

        return made;
    }
}

/// <summary>A member of a record, to be set from a column.</summary>
internal abstract class SqliteColumn<T>
{
    private static readonly Dictionary<string, SqliteColumn<T>> Members = typeof(T)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.CanWrite)
        .ToDictionary(p => p.Name, Of, StringComparer.OrdinalIgnoreCase);

    public static SqliteColumn<T>? Named(string name) => Members.GetValueOrDefault(name);

    public abstract void Set(T made, sqlite3_stmt row, int column);

    private static SqliteColumn<T> Of(PropertyInfo property) =>
        (SqliteColumn<T>)
            Activator.CreateInstance(typeof(Member<>).MakeGenericType(typeof(T), property.PropertyType), property)!;

    private sealed class Member<TValue>(PropertyInfo property) : SqliteColumn<T>
    {
        private readonly Action<T, TValue> _set = property.SetMethod!.CreateDelegate<Action<T, TValue>>();
        private readonly Func<sqlite3_stmt, int, TValue>? _read = SqliteValues.Reader<TValue>();

        public override void Set(T made, sqlite3_stmt row, int column) =>
            _set(
                made,
                _read is null
                    ? throw new NotSupportedException(
                        $"{property.DeclaringType}.{property.Name} cannot come from a column."
                    )
                    : _read(row, column)
            );
    }
}

/// <summary>How the value of a column becomes one of ours.</summary>
internal static class SqliteValues
{
    private static readonly Dictionary<Type, Delegate> Readers = new Delegate[][]
    {
        Both(raw.sqlite3_column_int64),
        Both((row, i) => checked((int)raw.sqlite3_column_int64(row, i))),
        Both((row, i) => raw.sqlite3_column_int64(row, i) != 0),
        Both(raw.sqlite3_column_double),
        [(Func<sqlite3_stmt, int, string>)((row, i) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(row, i)))],
        [(Func<sqlite3_stmt, int, byte[]>)((row, i) => raw.sqlite3_column_blob(row, i).ToArray())],
    }
        .SelectMany(readers => readers)
        .ToDictionary(reader => reader.Method.ReturnType);

    /// <summary>For what is not NULL; null for a type that is no value of a column.</summary>
    public static Func<sqlite3_stmt, int, T>? Reader<T>() =>
        (Func<sqlite3_stmt, int, T>?)Readers.GetValueOrDefault(typeof(T));

    public static bool IsNull(sqlite3_stmt row, int column) => raw.sqlite3_column_type(row, column) == raw.SQLITE_NULL;

    private static Delegate[] Both<T>(Func<sqlite3_stmt, int, T> read)
        where T : struct => [read, (Func<sqlite3_stmt, int, T?>)((row, i) => read(row, i))];
}
