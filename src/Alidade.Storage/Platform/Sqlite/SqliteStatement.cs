using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>
/// One prepared statement, without the layers of ADO.NET: to go through them takes longer than a small statement runs.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int SmallText = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _prepared;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly bool _changes;
    private object? _rows;

    /// <summary>Where the members of an argument object go: a statement is mostly given objects of one type.</summary>
    private (Type? Type, (int Place, Func<object, object?> Get)[] Members) _bound = (null, []);

    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _prepared, out var rest));
        if (!string.IsNullOrWhiteSpace(rest))
        {
            _prepared.Dispose();
            throw new NotSupportedException("One statement at a time; this begins a second: " + rest);
        }

        _changes = raw.sqlite3_stmt_readonly(_prepared) == 0;
        for (var place = raw.sqlite3_bind_parameter_count(_prepared); place > 0; place--)
        {
            _places.Add(raw.sqlite3_bind_parameter_name(_prepared, place).utf8_to_string(), place);
        }
    }

    /// <returns>How many rows it touched.</returns>
    public int Execute(object? args)
    {
        Bind(args);
        try
        {
            while (Step())
            {
                // What is returned is not asked for.
            }

            return _changes ? raw.sqlite3_changes(_database) : 0;
        }
        finally
        {
            Reset();
        }
    }

    public List<T> Query<T>(object? args)
    {
        Bind(args);
        try
        {
            var found = new List<T>();
            while (Step())
            {
                found.Add(Rows<T>().Read(_prepared));
            }

            return found;
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose() => _prepared.Dispose();

    private SqliteRows<T> Rows<T>()
    {
        // A schema that has changed since may have given `SELECT *` other columns.
        if (_rows is not SqliteRows<T> rows || rows.Columns != raw.sqlite3_column_count(_prepared))
        {
            _rows = rows = new SqliteRows<T>(_prepared);
        }

        return rows;
    }

    private bool Step()
    {
        var result = raw.sqlite3_step(_prepared);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return result == raw.SQLITE_ROW;
        }

        Check(result);
        throw new InvalidOperationException($"SQLite answered {result} to a step.");
    }

    /// <summary>Says again what went wrong in the last step, which is known by then.</summary>
    private void Reset()
    {
        _ = raw.sqlite3_reset(_prepared);
        _ = raw.sqlite3_clear_bindings(_prepared);
    }

    private void Bind(object? args)
    {
        if (args is null)
        {
            RequireAll(0);
            return;
        }

        if (args is IEnumerable<KeyValuePair<string, object?>>)
        {
            var named = Arguments.Of(args).Where(arg => _places.ContainsKey(arg.Name)).ToList();
            RequireAll(named.Count);
            named.ForEach(arg => Check(Bind(_places[arg.Name], arg.Value)));
            return;
        }

        if (args.GetType() != _bound.Type)
        {
            var members = Arguments.Members(args.GetType()).Where(member => _places.ContainsKey(member.Name)).ToArray();
            RequireAll(members.Length);
            _bound = (args.GetType(), Array.ConvertAll(members, member => (_places[member.Name], member.Get)));
        }

        foreach (var (place, get) in _bound.Members)
        {
            Check(Bind(place, get(args)));
        }
    }

    private void RequireAll(int values)
    {
        if (values < _places.Count)
        {
            throw new InvalidOperationException(
                "No value for every parameter of the statement: " + string.Join(", ", _places.Keys)
            );
        }
    }

    private int Bind(int place, object? value) =>
        value switch
        {
            null => raw.sqlite3_bind_null(_prepared, place),
            long number => raw.sqlite3_bind_int64(_prepared, place, number),
            int number => raw.sqlite3_bind_int64(_prepared, place, number),
            bool flag => raw.sqlite3_bind_int64(_prepared, place, flag ? 1 : 0),
            // It would be stored as NULL.
            double number when double.IsNaN(number) => throw new InvalidOperationException("SQLite stores no NaN."),
            double number => raw.sqlite3_bind_double(_prepared, place, number),
            // Nothing at all has no address, which SQLite takes for NULL.
            "" => raw.sqlite3_bind_text(_prepared, place, ""),
            byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_prepared, place, 0),
            string text => BindText(place, text),
            byte[] bytes => raw.sqlite3_bind_blob(_prepared, place, bytes),
            // As SqliteSession has it for <c>= ANY(@Ids)</c>.
            IEnumerable<long> ids => BindText(place, JsonSerializer.Serialize(ids)),
            IEnumerable<string> names => BindText(place, JsonSerializer.Serialize(names)),
            _ => throw new NotSupportedException($"No parameter can be a {value.GetType()}."),
        };

    private int BindText(int place, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var lent = most > SmallText ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = lent is null ? stackalloc byte[SmallText] : lent;
        var length = Encoding.UTF8.GetBytes(text, bytes);
        var result = raw.sqlite3_bind_text(_prepared, place, bytes[..length]);
        if (lent is not null)
        {
            ArrayPool<byte>.Shared.Return(lent);
        }

        return result;
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
