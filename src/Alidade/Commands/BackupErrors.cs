using System.Data.Common;
using Alidade.Storage.Backups;

namespace Alidade.Commands;

/// <summary>What a disk or a database refuses during a backup or a restore is for the person who asked for it.</summary>
internal static class BackupErrors
{
    public static async Task AsOneAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbException)
        {
            throw new BackupException($"It could not be completed: {e.Message}", e);
        }
    }
}
