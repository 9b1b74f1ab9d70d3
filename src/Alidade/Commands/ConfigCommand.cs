using System.CommandLine;
using System.Text.Json;
using Alidade.Server.Configuration;
using Alidade.Storage.Platform.Postgres;

namespace Alidade.Commands;

/// <summary>Prints the settings in force.</summary>
internal sealed class ConfigCommand : Command
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public ConfigCommand()
        : base("config", "Print the settings in force, from file, environment and flags")
    {
        var flags = new ServerFlags();
        flags.AddTo(this);
        SetAction(parsed =>
        {
            try
            {
                Console.WriteLine(JsonSerializer.Serialize(Shown(flags.Read(parsed)), Readable));
                return 0;
            }
            catch (OptionsException e)
            {
                Console.Error.WriteLine(e.Message);
                return 2;
            }
        });
    }

    /// <summary>Without the password of the database: what is printed here ends in tickets and logs.</summary>
    private static ServerOptions Shown(ServerOptions options) =>
        options.Store.Postgres is { Length: > 0 } postgres
            ? options with
            {
                Store = options.Store with { Postgres = PostgresStore.WithoutPassword(postgres) },
            }
            : options;
}
