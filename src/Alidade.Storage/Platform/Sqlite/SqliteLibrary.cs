using System.Runtime.InteropServices;
using SQLitePCL;

namespace Alidade.Storage.Platform.Sqlite;

/// <summary>Binds the provider to the system's SQLite, which gets the system's security fixes; nothing native is bundled.</summary>
internal static class SqliteLibrary
{
    private static readonly string[] Names =
        OperatingSystem.IsWindows() ? ["winsqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    private static readonly Lazy<bool> Bound = new(Bind);

    /// <summary>Does its work once, before the first connection.</summary>
    public static void Ensure() => _ = Bound.Value;

    private static bool Bind()
    {
        NativeLibrary.SetDllImportResolver(
            typeof(SQLite3Provider_e_sqlite3).Assembly,
            (name, assembly, path) => name == "e_sqlite3" ? Load(assembly, path) : 0
        );
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        // A connection is used by one thread at a time and nobody asks how much memory is taken, so nothing need be locked
        // for either. A system that has begun to use SQLite by itself refuses, and then it locks.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
        return true;
    }

    private static nint Load(System.Reflection.Assembly assembly, DllImportSearchPath? path)
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, assembly, path, out var handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException("SQLite is not installed. On Debian: apt-get install libsqlite3-0");
    }
}
