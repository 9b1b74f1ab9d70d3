using Alidade.Storage.Runs;
using Alidade.Storage.Search;

namespace Alidade.Storage.Platform.Migrations;

/// <summary>What a migration has to do beyond SQL, in the same transaction and after its file.</summary>
internal static class MigrationSteps
{
    public static Action<ITransaction>? After(string store, string file) =>
        (store, file) switch
        {
            ("core", "0023_search") => SearchMigration.Run,
            ("core", "0070_run_search") => RunNumbers.Migrate,
            _ => null,
        };
}
