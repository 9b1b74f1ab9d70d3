using Alidade.Server.Secrets;
using Alidade.Storage.Backups;

namespace Alidade.Commands;

/// <summary>Whether a backup can give the secrets back, and what that means for keeping it.</summary>
internal static class SecretKeySentence
{
    public static string Of(BackupManifest backup) =>
        backup.Files.Any(file => file.Path == SecretKeys.FileName)
            ? "The key of the secrets is in it: whoever has the backup can open them."
            : "The key of the secrets is not in it: without the key file, secrets must be given new values after a restore.";
}
