namespace Alidade.Storage.Backups;

/// <summary>A backup cannot be made, or cannot be used; the message is for the person who asked for it.</summary>
public sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);
