namespace Alidade.Storage.Platform.Migrations;

/// <summary>The schema of the data is not one this program can bring up to date; the message says why and what to do.</summary>
public sealed class MigrationException(string message) : Exception(message);
