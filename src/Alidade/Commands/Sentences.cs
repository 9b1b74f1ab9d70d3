using System.Net.Sockets;
using Alidade.Server.Configuration;
using Alidade.Storage.Backups;
using Alidade.Storage.Platform;
using Alidade.Storage.Platform.Migrations;

namespace Alidade.Commands;

/// <summary>Errors that a person can act on, as one sentence instead of a stack trace.</summary>
internal static class Sentences
{
    /// <summary>Null for a fault of the program.</summary>
    public static string? Of(Exception error) =>
        error switch
        {
            OptionsException or DataFolderException or DatabaseException or BackupException or MigrationException =>
                error.Message,
            SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
                "Another program uses this port. Stop it, or choose another with --port (0 takes a free one).",
            SocketException e => $"The address cannot be used: {e.Message}. Choose another with --host or --port.",
            _ => null,
        };

    /// <summary>The exit status of the work: 0, or 2 with the sentence on standard error.</summary>
    public static async Task<int> OrErrorAsync(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (Exception e) when (Of(e) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 2;
        }
    }
}
